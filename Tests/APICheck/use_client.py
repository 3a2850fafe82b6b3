# SPDX-License-Identifier: Apache-2.0
"""Uses the client that openapi-python-client made of the description: submits a job, waits for its end, lists and filters,
and has some hosts ask to be agents, which wait from then on.

Usage: use_client.py, with the client as the module `generated` on PYTHONPATH, and BROKER_URL, BROKER_API_KEY and
BROKER_CA_FILE in the environment.
"""

import os
import ssl
import subprocess
import tempfile
import time

from generated import AuthenticatedClient
from generated.api.agents import list_agents
from generated.api.enrolments import enrol, list_enrolments
from generated.api.jobs import get_job, list_jobs, list_runs, submit_job
from generated.models import (
    EnrolBody,
    EnrolmentState,
    JobStatus,
    ListJobsStatusItem,
    Problem,
    SubmitJobBody,
    SubmitJobBodyLabelsType0,
    SubmitJobBodyPing,
)

TERMINAL = {JobStatus.COMPLETED, JobStatus.PARTIAL_FAILURE, JobStatus.FAILED, JobStatus.CANCELLED}


def good(answer):
    """The record of an answer that is no problem."""
    assert answer is not None and not isinstance(answer, Problem), answer
    return answer


def submit(client, name):
    labels = SubmitJobBodyLabelsType0()
    labels["made-by"] = name
    body = SubmitJobBody(operation=SubmitJobBodyPing(type_="ping"), target="_all", deadline=60, labels=labels)
    return good(submit_job.sync(client=client, body=body))


def ended(client, job):
    until = time.monotonic() + 60
    while job.status not in TERMINAL:
        assert time.monotonic() < until, f"{job.id} has not ended: {job.status}"
        time.sleep(0.1)
        job = good(get_job.sync(id=job.id, client=client))
    return job


def certificate_request():
    """As a host makes it."""
    command = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x"]
    with tempfile.NamedTemporaryFile() as key:
        return subprocess.run([*command, "-keyout", key.name], check=True, capture_output=True, text=True).stdout


def main():
    client = AuthenticatedClient(
        base_url=os.environ["BROKER_URL"],
        token=os.environ["BROKER_API_KEY"],
        verify_ssl=ssl.create_default_context(cafile=os.environ["BROKER_CA_FILE"]),
    )
    agents = good(list_agents.sync(client=client, connected=True))
    assert agents.total_items > 0, "no agents"

    job = ended(client, submit(client, "use_client"))
    assert job.status == JobStatus.COMPLETED and job.agents_total == agents.total_items, job
    runs = good(list_runs.sync(id=job.id, client=client))
    assert {run.hostname for run in runs.items} == {agent.hostname for agent in agents.items}, runs

    completed = good(list_jobs.sync(client=client, status=[ListJobsStatusItem.COMPLETED], operation="ping", limit=100))
    assert job.id in {item.id for item in completed.items}
    assert all(item.status == JobStatus.COMPLETED and item.operation.type_ == "ping" for item in completed.items)
    failed = good(list_jobs.sync(client=client, status=[ListJobsStatusItem.FAILED], search=str(job.id)))
    assert failed.items == [], failed
    later = good(list_jobs.sync(client=client, from_=job.created_at, count=False))
    assert job.id in {item.id for item in later.items}

    names = {f"waiting-{number}" for number in range(5)}
    for name in names:
        body = EnrolBody(hostname=name, certificate_request=certificate_request())
        assert good(enrol.sync(client=client, body=body)).enrolment.state == EnrolmentState.PENDING
    waiting = good(list_enrolments.sync(client=client))
    assert names <= {item.hostname for item in waiting.items}, waiting

    refused = list_jobs.sync(client=client, retry_of="0" * 36)
    assert isinstance(refused, Problem) and refused.status == 400, refused
    print(f"generated client: job {job.id} {job.status} on {job.agents_total} hosts, listed and filtered")


if __name__ == "__main__":
    main()

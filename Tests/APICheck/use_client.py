# SPDX-License-Identifier: Apache-2.0
"""Uses the client that openapi-python-client made of the description: submits a job, waits for its end, lists and filters.

Usage: use_client.py, with the client as the module `generated` on PYTHONPATH, and BROKER_URL, BROKER_API_KEY and
BROKER_CA_FILE in the environment.
"""

import os
import ssl
import time

from generated import AuthenticatedClient
from generated.api.agents import list_agents
from generated.api.jobs import get_job, list_jobs, list_runs, submit_job
from generated.models import (
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

    refused = list_jobs.sync(client=client, retry_of="0" * 36)
    assert isinstance(refused, Problem) and refused.status == 400, refused
    print(f"generated client: job {job.id} {job.status} on {job.agents_total} hosts, listed and filtered")


if __name__ == "__main__":
    main()

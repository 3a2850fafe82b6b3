# SPDX-License-Identifier: Apache-2.0
"""What schemathesis must not send."""

import json

import schemathesis

# A body may have 2 MiB. One that is larger is refused while it is still being sent, and the HTTP library that is used here
# then gives up without reading the answer.
LARGEST = 2 * 1024 * 1024


@schemathesis.hook
def filter_case(context, case):
    return not isinstance(case.body, (dict, list)) or len(json.dumps(case.body)) <= LARGEST


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.path == "/api/v1/webhooks" and isinstance(case.body, dict):
        call_nobody(case.body)
    if case.operation.path == "/api/v1/jobs" and case.query:
        wait_briefly(case.query)


def call_nobody(webhook):
    """Names below .example stand for nothing (RFC 2606)."""
    url = webhook.get("url")
    if isinstance(url, str) and url.startswith(("https://", "http://")):
        webhook["url"] = "https://chat.example/hooks/broker"


def wait_briefly(query):
    """A job for agents that are drained does not end, however long it is waited for."""
    wait = str(query.get("wait"))
    if wait.isascii() and wait.isdigit() and 1 < int(wait) <= 60:
        query["wait"] = 1

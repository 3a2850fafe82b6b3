# SPDX-License-Identifier: Apache-2.0
"""Receives a webhook's message and checks its signature with the package standardwebhooks.

Usage: check_webhook.py, with BROKER_URL, BROKER_API_KEY and BROKER_CA_FILE in the environment; the controller must be
allowed to call 127.0.0.1.
"""

import http.server
import json
import os
import queue
import ssl
import threading
import urllib.request

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

messages = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        messages.put((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def call(path, body=None):
    request = urllib.request.Request(
        os.environ["BROKER_URL"] + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["BROKER_API_KEY"], "Content-Type": "application/json"},
        method="POST",
    )
    context = ssl.create_default_context(cafile=os.environ["BROKER_CA_FILE"])
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        return json.load(answer)


def refused(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    made = call("/api/v1/webhooks", {"url": url, "events": ["job.completed"]})
    secret = made["secret"]

    job = call("/api/v1/jobs?wait=60", {"operation": {"type": "ping"}, "target": "_all"})
    assert job["status"] == "completed", job
    body, headers = messages.get(timeout=60)
    event = Webhook(secret).verify(body, headers)
    assert event["type"] == "job.completed" and event["data"]["job_id"] == job["id"], event
    assert refused(secret, body.replace(b"completed", b"cancelled"), headers), "another body is taken"

    # While both secrets are good, either checks the signatures.
    other = call(f"/api/v1/webhooks/{made['webhook']['id']}/rotate", {"overlap": 3600})["secret"]
    call(f"/api/v1/webhooks/{made['webhook']['id']}/test")
    body, headers = messages.get(timeout=60)
    for either in (secret, other):
        assert Webhook(either).verify(body, headers)["type"] == "webhook.test"
    print("webhook: signatures checked, with one secret and with two")


if __name__ == "__main__":
    main()

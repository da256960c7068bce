import json
import subprocess
import unittest
import urllib.error
import urllib.request


class Sandbox:
    """A platform of the test's own, on a free port and in memory."""

    def __init__(self, *flags):
        command = ["robutler-mcp", "sandbox", "--addr", "127.0.0.1:0", "--sandbox-db", ":memory:", *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        settings = dict(self.process.stdout.readline().strip().split("=", 1) for _ in range(2))
        self.url, self.key = settings["ROBUTLER_API_URL"], settings["WEBAGENTS_API_KEY"]

    def ask(self, method, path, body=None, key=None):
        request = urllib.request.Request(self.url + "/api" + path, json.dumps(body).encode() if body else None, method=method)
        request.add_header("Authorization", "Bearer " + (key or self.key))
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def stop(self):
        self.process.terminate()
        self.process.communicate()


class TestMyAgent(unittest.TestCase):
    def sandbox(self, *flags):
        started = Sandbox(*flags)
        self.addCleanup(started.stop)
        return started

    def test_it_is_paid(self):
        platform = self.sandbox()
        agent = platform.ask("POST", "/agents", {"name": "tide-table", "instructions": "Tell when the tide turns."})
        token = platform.ask("POST", "/user/tokens", {"amount": "2"})["token"]["token"]
        lock = platform.ask("POST", "/payments/lock", {"token": token, "amount": 1}, key=agent["rawApiKey"])
        settled = platform.ask("POST", "/payments/settle", {"lockId": lock["lockId"], "amount": 0.25}, key=agent["rawApiKey"])
        self.assertEqual((settled["chargedDollars"], settled["remainingDollars"]), (0.25, 0.75))

    def test_a_platform_that_is_down(self):
        platform = self.sandbox("--fault", "* /api/agents status=503 retry-after=1")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            platform.ask("GET", "/agents")
        self.assertEqual((caught.exception.code, caught.exception.headers["Retry-After"]), (503, "1"))
        caught.exception.close()


if __name__ == "__main__":
    unittest.main()

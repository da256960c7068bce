"""Uses the embedded platform from Python's standard library alone. Needs ROBUTLER_API_URL and WEBAGENTS_API_KEY."""
import json
import os
import urllib.request

BASE, KEY = os.environ["ROBUTLER_API_URL"], os.environ["WEBAGENTS_API_KEY"]


def ask(method, path, body=None, content_type="application/json", key=KEY):
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    request = urllib.request.Request(BASE + "/api" + path, data, method=method)
    request.add_header("Authorization", "Bearer " + key)
    request.add_header("Content-Type", content_type)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


agent = ask("POST", "/agents", {"name": "from-python", "instructions": "Help."})
assert [a["name"] for a in ask("GET", "/agents")["agents"]].count("from-python") == 1
assert ask("POST", "/agents/search", {"query": "translate a contract"})["agents"][0]["name"] == "legal-translator"

form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.txt"\r\n\r\nhello\r\n--b--\r\n'
assert ask("POST", "/content", form, "multipart/form-data; boundary=b")["fileName"] == "p.txt"

before = float(ask("GET", "/user/credits")["availableCredits"])
token = ask("POST", "/user/tokens", {"amount": "2"})["token"]["token"]
lock = ask("POST", "/payments/lock", {"token": token, "amount": 1}, key=agent["rawApiKey"])["lockId"]
settled = ask("POST", "/payments/settle", {"lockId": lock, "amount": 0.25}, key=agent["rawApiKey"])
assert settled["success"] and settled["chargedDollars"] == 0.25 and settled["remainingDollars"] == 0.75
# The token's two credits are set aside; the agent's owner is the same user, and gets the charge less five percent.
assert abs(float(ask("GET", "/user/credits")["availableCredits"]) - (before - 2 + 0.2375)) < 1e-9
print("python: ok")

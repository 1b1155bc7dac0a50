"""The calls of docs/api.md are made as they stand there, against the application."""

import re
import shlex

from engine.settings import ROOT


def test_the_calls_of_the_documentation_work(web):
    text = (ROOT / "docs" / "api.md").read_text()
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)[1].replace("\\\n", " ")
    client, token, made = web.test_client(), "", 0
    for call in re.findall(r"curl -s [^|)\n]*", block):
        words = shlex.split(call.replace("$api", "/api/v1").replace("$token", token))
        path = next(word for word in words if word.startswith("/api/"))
        pairs = [words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "-d"]
        headers = [words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H"]
        answer = client.open(
            path, method="POST" if pairs else "GET", data=dict(pairs) or None, headers=dict(headers)
        )
        assert answer.status_code == 200, (call, answer.text)
        token, made = answer.json["access_token"] if pairs else token, made + 1
    assert made == 4

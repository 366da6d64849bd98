"""The tests' hand in the plant's database: `python -m tests.core.jobs.control`.

Reads one JSON request a line, `[function, {arguments}]`, and answers with one line.
A process of its own, since the tests' own connection is to another database.
"""

import json
import sys
import traceback

import django


def main() -> None:
    django.setup()
    from tests.core.jobs import control_functions

    say("ready")
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            answer = {"answer": getattr(control_functions, name)(**arguments)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        say(answer)


def say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""The limited child process in which heavy or untrusted work runs.

Standard library only, no Django, no database, no broker. A worker's pool process
talks to one `server`, which has imported the engine and forks a child a call.
"""

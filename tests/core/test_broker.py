"""The embedded broker."""

import socket
import time

import pytest
import redis

from core import broker


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answering(port: int, secret: str) -> redis.Redis:
    client = redis.Redis.from_url(broker.url(port, secret))
    deadline = time.monotonic() + 20
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return client


@pytest.fixture
def start(tmp_path):
    running = []

    def start(port, **options):
        server = broker.start(tmp_path / "a folder", port, "s3cret", **options)
        running.append(server)
        return server, answering(port, "s3cret")

    yield start
    for server in running:
        server.kill()
        server.wait()


def test_the_wheel_carries_a_server():
    assert server_is_executable(broker.server_binary())


def server_is_executable(path):
    return path.is_file() and path.stat().st_mode & 0o100


@pytest.mark.broker
def test_broker_keeps_messages_over_its_own_death(start):
    port = free_port()
    server, client = start(port)
    client.rpush("train", *range(200))
    assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
    server.kill()
    server.wait()
    _, client = start(port)
    assert client.llen("train") == 200


@pytest.mark.broker
def test_broker_without_persistence_forgets(start):
    port = free_port()
    server, client = start(port, persistent=False)
    client.rpush("train", 1)
    server.kill()
    server.wait()
    _, client = start(port, persistent=False)
    assert client.llen("train") == 0


@pytest.mark.broker
def test_broker_wants_the_password_and_shows_it_in_no_process_list(start):
    port = free_port()
    server, _ = start(port)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=port).ping()
    with open(f"/proc/{server.pid}/cmdline") as command:
        assert "s3cret" not in command.read()

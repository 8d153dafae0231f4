"""Replicas are real HTTP servers on loopback addresses."""

import socket
import ssl
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

from adapters.prometheus import scrape, scrape_replicas
from adapters.prometheus.replica_counts import PrometheusReplicaCounts
from adapters.prometheus.scrape_replicas import SECONDS
from domain.delivery.counts import TRUTH_POINTS, RolloutCounts
from domain.ports import ReplicaReport
from tests.support.certificates import certificates
from tests.support.orders import an_order
from tests.support.program import free_port

ID = "20261128T090412Z-42"
LABELS = ",".join(f'{name}="{value}"' for name, value in an_order(why="a 'quoted' reason").to_values().items())
ORDER = f"endeavour_order_info{{{LABELS}}} 1.0"
METRICS = f"""\
# HELP endeavour_started_seconds Unix time of the server's start.
endeavour_started_seconds 1.7643e+09
endeavour_rollout_info{{challenger="42",id="{ID}"}} 1.0
endeavour_rollout_ready 1.0
endeavour_rollout_weight 500.0
endeavour_rollout_generation 12.0
endeavour_rollout_pairs_total{{outcome="sampled"}} 70.0
endeavour_rollout_pairs_total{{outcome="compared"}} 60.0
endeavour_rollout_failures_total{{model="baseline"}} 1.0
endeavour_rollout_failures_total{{model="candidate"}} 2.0
endeavour_rollout_failures_total{{model="both"}} 3.0
endeavour_rollout_slow_evaluations_total{{model="baseline"}} 4.0
endeavour_rollout_slow_evaluations_total{{model="candidate"}} 5.0
endeavour_rollout_differences_total 6.0
endeavour_rollout_squared_errors_total{{point="00"}} 7.0
endeavour_rollout_squared_errors_total{{point="32"}} 8.0
endeavour_rollout_answers_total{{model="baseline",key="request",outcome="ok"}} 90.0
endeavour_rollout_answers_total{{model="baseline",key="request",outcome="bad"}} 9.0
endeavour_rollout_answers_total{{model="candidate",key="request",outcome="ok"}} 10.0
endeavour_rollout_answers_total{{model="candidate",key="entity",outcome="ok"}} 11.0
{ORDER}
endeavour_order_info{{id="short"}} 1.0
endeavour_http_requests_total{{route="/stream",status="200"}} 300.0
endeavour_http_requests_total{{route="/stream",status="422"}} 4.0
endeavour_http_requests_total{{route="/livez",status="200"}} 5.0
endeavour_predictions_total{{route="/stream"}} 300.0
process_open_fds 12.0
"""
REPORT = ReplicaReport(
    replica="",
    started=1.7643e9,
    rollout=ID,
    ready=True,
    weight=500,
    generation=12,
    counts=RolloutCounts(
        pairs=60,
        failed_baseline=1,
        failed_candidate=2,
        failed_both=3,
        slow_baseline=4,
        slow_candidate=5,
        differences=6,
        squared_errors=(7, *[0] * (TRUTH_POINTS - 2), 8),
        answers_baseline=99,
        bad_baseline=9,
        answers_candidate=10,
        entity_answers=11,
    ),
    answers=300,
    orders=(an_order(why="a 'quoted' reason"),),
)


def response(body, status="200 OK", headers=""):
    text = body if isinstance(body, bytes) else body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n{headers}\r\n".encode() + text


@contextmanager
def replica(*chunks, pause=0.0, tls=None):
    """Answer each request with the chunks, a pause after each, on all loopback addresses; yield the port."""
    with socket.create_server(("0.0.0.0", 0)) as listening:  # noqa: S104  # a test's server
        ended = threading.Event()

        def serve():
            while True:
                try:
                    client = listening.accept()[0]
                except OSError:
                    return
                with suppress(OSError), tls.wrap_socket(client, server_side=True) if tls else client as answering:
                    answering.recv(65536)
                    for chunk in chunks:
                        answering.sendall(chunk)
                        ended.wait(pause)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def read(*urls):
    return PrometheusReplicaCounts(urls).read()


def test_replica_report_has_the_counts_of_its_metrics():
    with replica(response(METRICS)) as port:
        (report,) = read(f"http://127.0.0.1:{port}")
    with replica(response("endeavour_started_seconds 5\n")) as other_port:
        (outside,) = read(f"http://127.0.0.1:{other_port}/metrics")

    assert report.replica == f"127.0.0.1:{port}"
    assert report == ReplicaReport(report.replica, **{name: getattr(REPORT, name) for name in REPORT.__slots__[1:]})
    assert outside == ReplicaReport(outside.replica, started=5)


def test_replica_whose_workers_apply_two_rollouts_reports_none():
    other = METRICS.replace(ID, "20261129T090412Z-43").splitlines()[2]

    with replica(response(f"{METRICS}{other}\n")) as port:
        assert read(f"http://127.0.0.1:{port}")[0].rollout == ""


def test_each_address_of_a_name_is_a_replica_and_the_same_address_is_read_once(monkeypatch):
    addresses = [
        (socket.AF_INET6, "::1"),
        (socket.AF_INET, "127.0.0.3"),
        (socket.AF_INET, "127.0.0.2"),
        (socket.AF_INET, "127.0.0.2"),
    ]
    known = socket.getaddrinfo

    def resolve(host, port, *words, **options):
        if host != "endeavour.test":
            return known(host, port, *words, **options)
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with replica(response(METRICS)) as port:
        reports = read(f"http://endeavour.test:{port}", f"http://127.0.0.2:{port}")

    assert [report.replica for report in reports] == [f"127.0.0.2:{port}", f"127.0.0.3:{port}"]
    assert not any(report.problem for report in reports)


def test_replica_that_cannot_be_read_has_a_problem_and_delays_the_others_by_the_deadline_at_most(monkeypatch):
    monkeypatch.setattr(scrape, "MAX_BYTES", 4096)
    monkeypatch.setattr(scrape_replicas, "MAX_REPLICAS", 17)
    cut_off, late = "its answer is cut off, or not HTTP", "no answer in time"
    unlike = "its metrics are not those of this release of Endeavour"
    answers = {
        (response(METRICS),): "",
        (response(METRICS)[:-9],): cut_off,
        (): "the connection failed",
        (b"SSH-2.0-OpenSSH_9.9\r\n",): cut_off,
        (response(b"\xff" + METRICS.encode()),): cut_off,
        (response("", "302 Found", "Location: http://127.0.0.1/metrics\r\n"),): "it answers 302 instead of metrics",
        (response("", "401 Unauthorized"),): "it asks for a key: set ENDEAVOUR_METRICS_ADDRESS there, such as "
        "0.0.0.0:9100, and name that address in ENDEAVOUR_REPLICAS as http://HOST:9100",
        (response("#" * 5000),): "its answer has more than 4,096 bytes",
        (response(METRICS.replace("endeavour_started", "started")),): unlike,
        (response(METRICS.replace(" 60.0", " NaN")),): unlike,
        (response(METRICS.replace(" 60.0", " 60.5")),): unlike,
        (response(METRICS.replace(" 60.0", " 1e300")),): unlike,
        (response(METRICS.replace('{outcome="compared"}', '{outcome="compared')),): unlike,
        (b"",) * 20: late,
        tuple(bytes([byte]) for byte in response(METRICS)[:20]): late,
    }
    with ExitStack() as running:
        ports = [running.enter_context(replica(*chunks, pause=0.2)) for chunks in answers]
        expected = dict(zip(ports, answers.values(), strict=True))
        expected[free_port()] = "the connection was refused: nothing listens there"
        urls = [f"http://127.0.0.1:{port}" for port in expected]
        began = time.monotonic()
        unknown, *reports = read("http://no-such-host.invalid:1", *urls, *urls, "http://127.0.0.9:1")
        took = time.monotonic() - began

    assert (unknown.replica, unknown.problem) == (
        "no-such-host.invalid:1",
        "the name of its host cannot be resolved",
    )
    assert {int(report.replica.rpartition(":")[2]): report.problem for report in reports[:-1]} == expected
    assert took < 2 * SECONDS + 1


def test_replica_over_tls_needs_a_certificate_of_a_known_authority(tmp_path, monkeypatch):
    made = certificates(tmp_path, "localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(made.pair)

    with replica(response(METRICS), tls=tls) as port:
        (stranger,) = read(f"https://localhost:{port}")
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
        (known,) = read(f"https://localhost:{port}")
    with replica(response(METRICS)) as port:
        (plain,) = read(f"https://localhost:{port}")

    assert stranger.problem == "its certificate is refused"
    assert (known.problem, known.generation) == ("", 12)
    assert plain.problem == "the TLS connection failed"

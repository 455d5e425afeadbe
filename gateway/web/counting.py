"""Counts of requests by route, for `/metrics`."""

from prometheus_client import CollectorRegistry, Counter, Histogram

BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Requests:
    """Counts of one application's requests."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._count = Counter(
            "wuye_http_requests", "Requests by route.", ["method", "route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "wuye_http_request_seconds", "Time to the end of the answer.", ["route"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip

    def saw(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request has ended; `status` 0: the client was gone before an answer."""
        known = method if method in METHODS else "OTHER"
        self._count.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

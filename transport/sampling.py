"""Metrics that are read, not counted by us: the connection pool, the document cache, the process and its collector."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from core.snapshot import Pool
from execution.documents import Documents


class _Read(NamedTuple):
    """A number of psycopg_pool's statistics, the metric it becomes, and how much one of it is in the metric's unit."""

    source: str
    metric: str
    description: str
    unit: float = 1


_POOL_GAUGES = (
    _Read("pool_max", "c360_pool_connections_max", "Database connections there may be."),
    _Read("pool_size", "c360_pool_connections", "Database connections, busy or idle."),
    _Read("pool_available", "c360_pool_connections_idle", "Database connections that nobody uses."),
    _Read("requests_waiting", "c360_pool_waiting", "Operations that wait for a database connection."),
)
_POOL_COUNTERS = (
    _Read("requests_num", "c360_pool_requests", "Requests for a database connection."),
    _Read("requests_queued", "c360_pool_requests_queued", "Requests for a database connection that had to wait."),
    _Read("requests_errors", "c360_pool_requests_failed", "Requests for a database connection that got none."),
    _Read("requests_wait_ms", "c360_pool_wait_seconds", "Time spent waiting for a database connection.", 0.001),
    _Read("usage_ms", "c360_pool_usage_seconds", "Time that database connections were in use.", 0.001),
    _Read("connections_num", "c360_pool_connections_opened", "Attempts to connect to the database."),
    _Read("connections_errors", "c360_pool_connections_failed", "Attempts to connect to the database that failed."),
    _Read("connections_lost", "c360_pool_connections_lost", "Database connections found dead."),
)
# The library also gives some that cannot be added up over workers, such as when the process started.
_PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds"}


class Samples:
    """Brings these numbers of one worker into a registry, where those of several workers can be added up."""

    def __init__(self, registry: CollectorRegistry, pools: Iterable[Pool], documents: Documents) -> None:
        self._registry = registry
        self._pools = tuple(pools)
        self._documents = documents
        self._process = ProcessCollector(registry=None)
        self._gc = GCCollector(CollectorRegistry())
        self._metrics: dict[str, Gauge | Counter] = {}
        self._seen: dict[tuple[str, ...], float] = {}

    def take(self) -> None:
        """Read everything once; takes a fraction of a millisecond."""
        for family in chain(self._workers(), self._of_pools(), self._of_documents(), self._of_process()):
            metric = self._metric(family)
            for sample in family.samples:
                labels = tuple(sample.labels.values())
                child = metric.labels(*labels) if labels else metric
                if isinstance(child, Gauge):
                    child.set(sample.value)
                else:
                    # A counter of ours grows by as much as the other has grown since the last time.
                    key = (family.name, *labels)
                    child.inc(max(0.0, sample.value - self._seen.get(key, 0.0)))
                    self._seen[key] = sample.value

    def _metric(self, family: Metric) -> Gauge | Counter:
        """Our metric for a family: one that works with several processes."""
        metric = self._metrics.get(family.name)
        if metric is None:
            names = list(family.samples[0].labels)
            if family.type == "counter":
                metric = Counter(family.name, family.documentation, names, registry=self._registry)
            else:
                # A dead worker has no memory and no connections any more.
                metric = Gauge(
                    family.name, family.documentation, names, registry=self._registry, multiprocess_mode="livesum"
                )
            self._metrics[family.name] = metric
        return metric

    def _workers(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("c360_workers", "Worker processes.", value=1)

    def _of_pools(self) -> Iterator[Metric]:
        stats: dict[str, int] = {}
        for pool in self._pools:
            for name, value in pool.get_stats().items():
                stats[name] = stats.get(name, 0) + value
        for name, metric, description, unit in _POOL_GAUGES:
            yield GaugeMetricFamily(metric, description, value=stats.get(name, 0) * unit)
        for name, metric, description, unit in _POOL_COUNTERS:
            yield CounterMetricFamily(metric, description, value=stats.get(name, 0) * unit)

    def _of_documents(self) -> Iterator[Metric]:
        documents = self._documents
        size, hits, misses = len(documents), documents.hits, documents.misses
        yield GaugeMetricFamily("c360_document_cache_size", "Validated documents kept in the cache.", value=size)
        yield CounterMetricFamily("c360_document_cache_hits", "Requests whose document was in the cache.", value=hits)
        yield CounterMetricFamily("c360_document_cache_misses", "Requests whose document was not.", value=misses)

    def _of_process(self) -> Iterator[Metric]:
        yield from (family for family in self._process.collect() if family.name in _PROCESS)
        yield from self._gc.collect()

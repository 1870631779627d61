"""Reading metrics as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

Series = frozenset[tuple[str, str]]


class Scrape:
    """The text of one scrape."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self._samples = [sample for family in self.families.values() for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The sum over all samples with this name and these labels; 0 if there is none."""
        wanted = labels.items()
        return sum(sample.value for sample in self._samples if sample.name == name and wanted <= sample.labels.items())

    def labels(self) -> set[str]:
        """All values of labels, but the bounds of buckets."""
        return {value for sample in self._samples for name, value in sample.labels.items() if name != "le"}

    def operations(self) -> dict[tuple[str, str], float]:
        """How many operations there were, by driver and reason."""
        return {
            (sample.labels["driver"], sample.labels["reason"]): sample.value
            for sample in self._samples
            if sample.name == "c360_operations_total" and sample.value
        }

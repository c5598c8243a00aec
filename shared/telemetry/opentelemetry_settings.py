"""What OpenTelemetry's own library reads from the environment; here so that it is documented."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class OpenTelemetrySettings(BaseSettings):
    """Where traces and metrics are sent; nowhere, unless an endpoint is set."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="OTLP/HTTP collector of traces and metrics, such as http://collector:4318"
    )
    otel_exporter_otlp_traces_endpoint: str | None = Field(
        None, description="Of traces alone; with its path, such as http://collector:4318/v1/traces"
    )
    otel_exporter_otlp_metrics_endpoint: str | None = Field(
        None, description="Of metrics alone; with its path."
    )
    otel_exporter_otlp_headers: SecretStr | None = Field(
        None, description="Headers for the collector: name=value, ..."
    )
    otel_traces_sampler: str | None = Field(
        None, description="Which traces are kept, such as parentbased_traceidratio; unset, all."
    )
    otel_traces_sampler_arg: str | None = Field(
        None, description="The sampler's argument, such as 0.1"
    )

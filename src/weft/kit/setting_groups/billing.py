"""The settings of purchases, alerts and invoices; docs/guides/payments-and-alerts.md tells what they mean in detail."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from weft.kit.setting_groups.types import BaseUrl, Count, MailAddresses, Seconds, Secret, Steps


class BillingSettings(BaseModel):
    """A payment provider, a mail server, a webhook, and what stands on invoices."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    stripe_secret_key: Secret = Field(
        default=SecretStr(""),
        max_length=1024,
        description="Secret key of your Stripe account; empty: credit is bought through an admin only.",
    )
    stripe_webhook_secret: Secret = Field(
        default=SecretStr(""),
        max_length=1024,
        description="Signing secret of the Stripe webhook that leads to /api/billing/webhooks/stripe.",
    )
    stripe_api_base: BaseUrl = Field(
        default="https://api.stripe.com",
        max_length=2048,
        description="URL of Stripe's API; another one for tests against a stand-in.",
    )
    smtp_host: str = Field(
        default="", max_length=255, description="Mail server for alerts; empty: no e-mail is sent."
    )
    smtp_port: Count = Field(default=587, ge=1, le=65_535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the connection to the mail server is encrypted.",
    )
    smtp_username: str = Field(
        default="", max_length=255, description="Login at the mail server; empty: no login."
    )
    smtp_password: SecretStr = Field(
        default=SecretStr(""), max_length=1024, description="Password at the mail server."
    )
    smtp_from: str = Field(
        default="", max_length=254, description="Sender of alerts: weft@example.com."
    )
    smtp_timeout_s: Seconds = Field(
        default=10, ge=0.1, le=120, description="Longest wait for each answer of the mail server."
    )
    alert_emails: MailAddresses = Field(
        default=(),
        max_length=50,
        description="Addresses that get the alerts of every team, besides the team's own admins.",
    )
    alert_webhook_url: BaseUrl = Field(
        default="", max_length=2048, description="URL that alerts are posted to; empty: none."
    )
    alert_webhook_secret: Secret = Field(
        default=SecretStr(""),
        max_length=1024,
        description="Secret that the posts to alert_webhook_url are signed with.",
    )
    alert_webhook_private: bool = Field(
        default=False,
        description="Let alert_webhook_url lead to private, loopback and link-local addresses.",
    )
    overage_steps_usd: Steps = Field(
        default=(200, 450, 700, 1000),
        max_length=20,
        description="Dollars of overage within a month that are told by an alert, each once.",
    )
    invoice_seller: str = Field(
        default="",
        max_length=1000,
        description="Who sends the invoices: name, address, tax number; several lines.",
    )
    invoice_note: str = Field(
        default="",
        max_length=1000,
        description="What stands at the end of each invoice: how and until when to pay; several lines.",
    )

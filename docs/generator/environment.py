"""The reference of environment variables; a test finds those that the code names."""

from __future__ import annotations

from generator.markdown import MADE, code, table

VARIABLES = {
    "HARBOR_URL": "Where Harbor is. It wins over `harbor.url` in the files.",
    "HARBOR_USERNAME": "Who asks: a user of Harbor, or a robot with its full name.",
    "HARBOR_PASSWORD": "Their password, or a robot's secret.",
    "HARBOR_PASSWORD_FILE": "A file that holds it, instead.",
    "HARBOR_TOKEN": "An OIDC ID token, instead of user name and password. It lives for minutes.",
    "HARBOR_CA_FILE": "Certificates to trust besides the system's, PEM; `--ca-file` wins.",
    "HARBOR_CLIENT_CERT": "A client certificate, PEM; `--client-cert` wins.",
    "HARBOR_CLIENT_KEY": "Its private key, PEM, without a pass phrase; `--client-key` wins.",
    "HTTPS_PROXY": "The proxy for an https URL of Harbor. Lower case is read first. A password in"
    " it is not shown.",
    "HTTP_PROXY": "The proxy for an http URL.",
    "NO_PROXY": "What is asked without one: names and their subdomains, addresses, networks, `*`."
    " Loopback always is.",
    "KUBECONFIG": "How to reach a cluster whose Secrets the files name, outside of a pod;"
    " `~/.kube/config` if it is not set.",
    "NO_COLOR": "Set to anything, it leaves colours out.",
    "FORCE_COLOR": "Set to anything, it colours what does not go to a terminal too.",
    "TERM": "With `dumb`, progress is lines, and colours are left out.",
    "HARBORCONF_DEBUG": "Set to anything, it lets a bug of harborconf show its traceback. Look"
    " through that for secrets before you report it.",
}
"""What each says; beside those stand the variables that files name with `{env: NAME}`."""
FOREIGN = {"HOME", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"}
"""Set by the system or by Kubernetes, and by nobody else."""

_HEAD = """\
A variable that is set and empty counts as not set. Secrets can besides come from any variable that
the files name with `{env: NAME}`."""


def environment() -> str:
    """The page as Markdown."""
    lines = [
        MADE,
        "# Environment variables",
        "",
        _HEAD,
        "",
        *table(("variable", "says"), [(code(name), text) for name, text in VARIABLES.items()]),
    ]
    return "\n".join(lines)

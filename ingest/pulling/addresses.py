"""Addresses of manifests turned into web addresses: Google Drive, the Hugging Face hub, plain."""

import re
from dataclasses import dataclass, field

_DRIVE = "https://drive.usercontent.google.com/download"
_DRIVE_PAGE = (
    "Google Drive asks for a login, or its daily quota for the file is used up; "
    "try again tomorrow or in a browser"
)
_HUB = re.compile(r"hf:(?P<repository>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w.-]+))?/(?P<path>\S+)")


@dataclass(frozen=True)
class WebAddress:
    """Where a file is asked for.

    Attributes
    ----------
    url : str
        Web address.
    headers : dict of str to str
        Sent with the request, to this host alone.
    page_means : str
        What it means if the server answers with a page in place of the file; empty if a page
        may be the file.
    """

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    page_means: str = ""


def web_address(address: str) -> WebAddress:
    """Web address of a manifest's address: ``gdrive:``, ``hf:`` or one as it stands.

    The token of the Hugging Face hub that is kept on this machine, if any, is sent to the hub:
    gated sets ask for it.

    Examples
    --------
    >>> web_address("hf:owner/name@v1/data/x.zip").url
    'https://huggingface.co/datasets/owner/name/resolve/v1/data/x.zip'
    """
    if address.startswith("gdrive:"):
        identifier = address.removeprefix("gdrive:")
        url = f"{_DRIVE}?id={identifier}&export=download&confirm=t"
        return WebAddress(url, page_means=_DRIVE_PAGE)
    if match := _HUB.fullmatch(address):
        return _hub_address(match["repository"], match["revision"], match["path"])
    return WebAddress(address)


def _hub_address(repository: str, revision: str | None, path: str) -> WebAddress:
    from huggingface_hub import get_token, hf_hub_url

    url = hf_hub_url(repository, path, repo_type="dataset", revision=revision)
    token = get_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return WebAddress(url, headers, "the hub asks for a login or for its terms to be accepted")

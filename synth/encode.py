"""Write a composite as the photo's own file was written: format, JPEG tables and greyness."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin

_DEFAULT_QUALITY = 92


@dataclass(frozen=True)
class Encoding:
    """How a photo's file was compressed.

    Attributes
    ----------
    suffix : str
        ``.jpg`` for photos that come as JPEG, else ``.png``.
    tables : dict of int to list of int or None
        JPEG quantisation tables.
    subsampling : int
        JPEG chroma subsampling: 0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0.
    grey : bool
        A picture stored without colour.
    """

    suffix: str
    tables: dict[int, list[int]] | None = None
    subsampling: int = 2
    grey: bool = False

    @classmethod
    def of(cls, image: Image.Image) -> "Encoding":
        """Read the encoding of an opened image."""
        grey = image.mode in ("L", "1", "I;16", "LA")
        if image.format not in ("JPEG", "MPO"):
            return cls(".png", grey=grey)
        tables = getattr(image, "quantization", None)
        if image.mode not in ("L", "RGB") or not tables:
            return cls(".jpg")
        sampling = JpegImagePlugin.get_sampling(image)
        return cls(".jpg", dict(tables), sampling if sampling >= 0 else 2, grey)

    def encode(self, image: NDArray[np.uint8]) -> bytes:
        """Compress RGB pixels of shape (H, W, 3) to the bytes of a file."""
        picture = Image.fromarray(image)
        if self.grey:
            picture = picture.convert("L")
        buffer = io.BytesIO()
        if self.suffix == ".png":
            picture.save(buffer, "PNG", compress_level=3)
        elif self.tables is None:
            picture.save(buffer, "JPEG", quality=_DEFAULT_QUALITY)
        else:
            picture.save(
                buffer,
                "JPEG",
                qtables=self.tables,
                subsampling=-1 if self.grey else self.subsampling,
            )
        return buffer.getvalue()

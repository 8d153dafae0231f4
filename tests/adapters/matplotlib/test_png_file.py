import io

import numpy as np
from PIL import Image

from adapters.matplotlib.png_file import png_file


def test_a_file_has_the_colors_of_the_pixels_in_their_places():
    pixels = np.random.default_rng(0).integers(256, size=(5, 7, 4), dtype=np.uint8)

    picture = Image.open(io.BytesIO(png_file(pixels)))
    picture.load()

    assert picture.format == "PNG"
    np.testing.assert_array_equal(np.asarray(picture), pixels[:, :, :3])

"""Pictures of a training, drawn with matplotlib and without its global state."""

from adapters.matplotlib.defaults import import_with_defaults

import_with_defaults()

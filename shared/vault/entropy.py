"""Where keys, nonces and token ids get their randomness; a simulation passes its own source."""

import os
from collections.abc import Callable

Entropy = Callable[[int], bytes]

system_entropy: Entropy = os.urandom  # noqa: TID251 (the operating system's generator)

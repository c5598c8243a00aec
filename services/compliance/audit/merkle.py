"""The Merkle tree of RFC 6962 (section 2.1, unchanged in RFC 9162) over SHA-256.

A log grows by its `Frontier`: the roots of the perfect subtrees that its size is made of, one for
each bit that is set. That is all it takes to add leaves and to name the root.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from shared.kernel.records import record

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

# RFC 6962, section 2.1: the prefixes differ, so neither kind can pass for the other.
_LEAF = b"\x00"
_NODE = b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return sha256(_NODE + left + right).digest()


@record
class Frontier:
    """A log of `size` leaves; `hashes` are its perfect subtrees' roots, the largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a frontier has one hash for each bit of its size")
        if any(len(each) != HASH_BYTES for each in self.hashes):
            raise ValueError("a frontier's hashes are 32 bytes each")

    def append(self, leaf: bytes) -> "Frontier":
        """Return the log with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the log with more leaf hashes, in order."""
        size, hashes = self.size, list(self.hashes)
        for leaf in leaves:
            whole, rest = leaf, size
            # Each trailing one-bit is a subtree that the new leaf completes to a larger one.
            while rest & 1:
                whole = node_hash(hashes.pop(), whole)
                rest >>= 1
            hashes.append(whole)
            size += 1
        return Frontier(size=size, hashes=tuple(hashes))

    @property
    def root(self) -> bytes:
        """The root hash of the whole log."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, root = self.hashes
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root


EMPTY = Frontier()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes as RFC 6962 defines it, recursively; for checking."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))

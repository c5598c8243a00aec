from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from services.compliance.audit import merkle
from services.compliance.audit.merkle import EMPTY, Frontier

hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=80)


class TestHashes:
    def test_follow_the_text_of_the_rfc(self) -> None:
        assert merkle.leaf_hash(b"") == sha256(b"\x00").digest()
        assert (
            merkle.node_hash(b"l" * 32, b"r" * 32)
            == sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()
        )
        assert EMPTY.root == sha256(b"").digest()

    def test_never_let_a_node_pass_for_a_leaf(self) -> None:
        left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
        assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


class TestFrontier:
    def test_has_the_reference_implementation_s_root_at_every_size(self) -> None:
        oracle, frontier = InmemoryTree(algorithm="sha256"), EMPTY
        leaves: list[bytes] = []
        assert frontier.root == oracle.get_root()
        for number in range(300):
            entry = f"record {number}".encode()
            oracle.append_entry(entry)
            leaves.append(merkle.leaf_hash(entry))
            frontier = frontier.append(leaves[-1])
            assert frontier.size == number + 1
            assert frontier.root == oracle.get_root() == merkle.root_of(leaves)

    @given(hashes, hashes)
    def test_grows_to_the_same_however_it_is_fed(
        self, first: list[bytes], second: list[bytes]
    ) -> None:
        whole = EMPTY.extend(first + second)
        assert EMPTY.extend(first).extend(second) == whole
        one_by_one = EMPTY
        for each in first + second:
            one_by_one = one_by_one.append(each)
        assert one_by_one == whole
        assert whole.root == merkle.root_of(first + second)

    @given(
        st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=40, unique=True),
        st.data(),
    )
    def test_has_another_root_after_any_tampering(
        self, leaves: list[bytes], data: st.DataObject
    ) -> None:
        at = data.draw(st.integers(0, len(leaves) - 1))
        other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda each: each != at))
        swapped = list(leaves)
        swapped[at], swapped[other] = swapped[other], swapped[at]
        dropped = leaves[:at] + leaves[at + 1 :]
        doubled = leaves[:at] + [leaves[at]] + leaves[at:]
        changed = [*leaves[:at], bytes(32 * [7]), *leaves[at + 1 :]]
        roots = {EMPTY.extend(each).root for each in (leaves, swapped, dropped, doubled)}
        assert len(roots) == 4
        assert (EMPTY.extend(changed).root == EMPTY.extend(leaves).root) == (changed == leaves)

    def test_stays_small(self) -> None:
        frontier = EMPTY.extend(merkle.leaf_hash(str(n).encode()) for n in range(10_000))
        assert frontier.size == 10_000
        assert len(frontier.hashes) == (10_000).bit_count()

    def test_leaves_the_old_log_as_it_was(self) -> None:
        before = EMPTY.extend([merkle.leaf_hash(b"a")])
        before.append(merkle.leaf_hash(b"b"))
        assert before == Frontier(size=1, hashes=(merkle.leaf_hash(b"a"),))

    @pytest.mark.parametrize(
        ("size", "count", "length"), [(1, 0, 32), (0, 1, 32), (3, 1, 32), (-1, 1, 32), (1, 1, 31)]
    )
    def test_cannot_be_inconsistent(self, size: int, count: int, length: int) -> None:
        with pytest.raises(ValueError, match="frontier"):
            Frontier(size=size, hashes=(bytes(length),) * count)
        with pytest.raises(ValueError, match="frontier"):
            EMPTY.append(b"not a hash")

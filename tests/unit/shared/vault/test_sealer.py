import asyncio
import base64
import string
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.records import replace
from shared.kernel.sealed import Sealed
from shared.vault.keys import Erased, SealBroken, SubjectErased, UnsealableText
from shared.vault.memory import MemoryVault
from shared.vault.sealer import Sealer, subject_of

TENANT, SUBJECT, FIELD = "agy_1", "cns_1", "party.name"
NAME = "María Canary-7731 O’Brien"

names = st.text(string.ascii_letters + "|/:", min_size=1, max_size=8)
places = st.tuples(names, names, names)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(MemoryVault())


class CountingVault(MemoryVault):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def subject_keys(
        self, tenant: str, subjects: Sequence[str], *, create: bool
    ) -> dict[str, bytes | Erased]:
        self.calls += 1
        return await super().subject_keys(tenant, subjects, create=create)


class TestSeal:
    async def test_opens_again(self, sealer: Sealer) -> None:
        sealed = await sealer.seal(TENANT, SUBJECT, FIELD, NAME)
        assert await sealer.open(TENANT, SUBJECT, FIELD, sealed) == NAME

    @given(texts)
    def test_opens_again_whatever_the_text(self, text: str) -> None:
        async def roundtrip() -> str | Erased:
            sealer = Sealer(MemoryVault())
            sealed = await sealer.seal(TENANT, SUBJECT, FIELD, text)
            return await sealer.open(TENANT, SUBJECT, FIELD, sealed)

        assert asyncio.run(roundtrip()) == text

    async def test_shows_nothing_of_the_text(self, sealer: Sealer) -> None:
        shown = repr(await sealer.seal(TENANT, SUBJECT, FIELD, NAME))
        for form in (NAME, "Canary", "7731", NAME.encode().hex()):
            assert form not in shown
        assert base64.b64encode(NAME.encode()).decode()[:12] not in shown

    async def test_names_its_subject(self, sealer: Sealer) -> None:
        assert subject_of(await sealer.seal(TENANT, SUBJECT, FIELD, NAME)) == SUBJECT

    async def test_never_uses_a_nonce_twice(self, sealer: Sealer) -> None:
        sealed = await sealer.seal_many(TENANT, [(SUBJECT, FIELD, NAME)] * 5_000)
        assert len({each.nonce for each in sealed}) == 5_000
        assert len({each.ciphertext for each in sealed}) == 5_000

    async def test_keeps_the_order_of_many_in_one_call_to_the_vault(self) -> None:
        vault = CountingVault()
        sealer = Sealer(vault)
        values = [(f"cns_{n % 7}", f"field_{n}", f"text {n}") for n in range(100)]
        sealed = await sealer.seal_many(TENANT, values)
        assert vault.calls == 1
        opened = await sealer.open_many(
            TENANT,
            [
                (subject, field, each)
                for (subject, field, _), each in zip(values, sealed, strict=True)
            ],
        )
        assert opened == [text for _, _, text in values]
        assert vault.calls == 2

    async def test_needs_no_vault_for_nothing(self) -> None:
        vault = CountingVault()
        assert await Sealer(vault).seal_many(TENANT, []) == []
        assert await Sealer(vault).open_many(TENANT, []) == []
        assert vault.calls == 0

    async def test_refuses_a_lone_surrogate_without_repeating_it(self, sealer: Sealer) -> None:
        with pytest.raises(UnsealableText) as refused:
            await sealer.seal(TENANT, SUBJECT, FIELD, "Canary\ud800")
        assert "Canary" not in str(refused.value)
        with pytest.raises(UnsealableText):
            await sealer.lookup_digest(TENANT, "email", "\udfff")


class TestOpen:
    @pytest.mark.parametrize(
        "place",
        [
            ("agy_2", SUBJECT, FIELD),
            (TENANT, "cns_2", FIELD),
            (TENANT, SUBJECT, "party.date_of_birth"),
            (TENANT, SUBJECT + FIELD, ""),
        ],
    )
    @pytest.mark.parametrize("others_exist", [True, False])
    async def test_fails_loudly_anywhere_else(
        self, sealer: Sealer, place: tuple[str, str, str], others_exist: bool
    ) -> None:
        sealed = await sealer.seal(TENANT, SUBJECT, FIELD, NAME)
        if others_exist:
            await sealer.seal(*place, "something else")
        with pytest.raises(SealBroken) as broken:
            await sealer.open(*place, sealed)
        assert NAME not in str(broken.value)

    async def test_fails_under_another_subject_even_when_relabeled(self, sealer: Sealer) -> None:
        sealed = await sealer.seal(TENANT, SUBJECT, FIELD, NAME)
        other = await sealer.seal(TENANT, "cns_2", FIELD, NAME)
        relabeled = replace(sealed, key_id=other.key_id)
        with pytest.raises(SealBroken):
            await sealer.open(TENANT, "cns_2", FIELD, relabeled)

    @given(places, places)
    @settings(max_examples=200)
    def test_opens_only_where_it_was_sealed(
        self, place: tuple[str, str, str], elsewhere: tuple[str, str, str]
    ) -> None:
        async def is_open() -> bool:
            # One key for all, so that only the associated data can tell the places apart.
            sealer = Sealer(MemoryVault(entropy=lambda count: bytes(count)))
            await sealer.seal(*elsewhere, "something else")
            sealed = await sealer.seal(*place, NAME)
            relabeled = replace(sealed, key_id=f"{elsewhere[1]}/1")
            try:
                await sealer.open(*elsewhere, relabeled)
            except SealBroken:
                return False
            return True

        assert asyncio.run(is_open()) == (place == elsewhere)

    async def test_fails_once_any_byte_was_changed(self, sealer: Sealer) -> None:
        sealed = await sealer.seal(TENANT, SUBJECT, FIELD, NAME)
        for part in ("nonce", "ciphertext"):
            whole = base64.b64decode(getattr(sealed, part))
            for position in range(len(whole)):
                altered = bytearray(whole)
                altered[position] ^= 1
                changed = replace(sealed, **{part: base64.b64encode(altered).decode()})
                with pytest.raises(SealBroken):
                    await sealer.open(TENANT, SUBJECT, FIELD, changed)

    @given(st.text(max_size=20), st.text(max_size=40), st.text(max_size=40))
    def test_raises_nothing_else_for_any_value(self, key_id: str, nonce: str, text: str) -> None:
        async def attempt(sealed: Sealed) -> None:
            sealer = Sealer(MemoryVault())
            await sealer.seal(TENANT, SUBJECT, FIELD, NAME)
            with pytest.raises(SealBroken):
                await sealer.open(TENANT, SUBJECT, FIELD, sealed)

        asyncio.run(attempt(Sealed(key_id=key_id, nonce=nonce, ciphertext=text)))
        asyncio.run(attempt(Sealed(key_id=f"{SUBJECT}/1", nonce=nonce, ciphertext=text)))


class TestErase:
    async def test_erases_one_person_and_nobody_else(self, sealer: Sealer) -> None:
        values = [("cns_1", FIELD, NAME), ("cns_2", FIELD, "Somebody Else")]
        first, second = await sealer.seal_many(TENANT, values)
        await sealer.erase(TENANT, "cns_1")
        opened = await sealer.open_many(TENANT, [("cns_1", FIELD, first), ("cns_2", FIELD, second)])
        assert opened == [Erased(), "Somebody Else"]

    async def test_seals_nothing_more_of_an_erased_person(self, sealer: Sealer) -> None:
        await sealer.erase(TENANT, SUBJECT)
        with pytest.raises(SubjectErased):
            await sealer.seal(TENANT, SUBJECT, FIELD, NAME)


class TestLookupDigest:
    async def test_is_equal_for_equal_texts_of_one_kind_and_tenant(self, sealer: Sealer) -> None:
        digest = await sealer.lookup_digest(TENANT, "email", "ana@example.org")
        assert digest == await sealer.lookup_digest(TENANT, "email", "ana@example.org")
        assert len(digest) == 64
        assert digest != await sealer.lookup_digest("agy_2", "email", "ana@example.org")
        assert digest != await sealer.lookup_digest(TENANT, "reference", "ana@example.org")
        assert digest != await sealer.lookup_digest(TENANT, "email", "bo@example.org")

    async def test_does_not_confuse_where_kind_ends_and_text_begins(self, sealer: Sealer) -> None:
        pairs = [("ab", "c"), ("a", "bc"), ("", "abc"), ("abc", "")]
        assert len(set(await sealer.lookup_digests(TENANT, pairs))) == 4


class TestDerive:
    async def test_gives_each_label_and_tenant_its_own_secret(self, sealer: Sealer) -> None:
        secrets = [
            await sealer.derive(tenant, label)
            for tenant in (TENANT, "agy_2")
            for label in ("fingerprint", "cursor", "wrapping", "lookup")
        ]
        assert len(set(secrets)) == 8
        assert {len(each) for each in secrets} == {32}
        assert secrets[0] == await sealer.derive(TENANT, "fingerprint")

    async def test_gives_each_creditor_and_rotation_a_webhook_secret(self, sealer: Sealer) -> None:
        first = await sealer.webhook_secret(TENANT, "crd_1", 1)
        assert first.startswith("whsec_")
        assert base64.b64decode(first.removeprefix("whsec_")) == await sealer.derive(
            TENANT, "inbound-webhook:crd_1:1"
        )
        assert first != await sealer.webhook_secret(TENANT, "crd_1", 2)
        assert first != await sealer.webhook_secret(TENANT, "crd_2", 1)

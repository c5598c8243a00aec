"""SQLAlchemy Core statements become SQL and arguments that asyncpg takes."""

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from shared.eventstore.statements import Shape, compiled

ACCOUNTS = sa.Table(
    "accounts",
    sa.MetaData(),
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("balance", sa.BigInteger),
    sa.Column("buckets", JSONB),
    sa.Column("consumers", sa.ARRAY(sa.Text)),
)


class TestCompiled:
    def test_values_follow_the_order_of_their_numbers(self) -> None:
        sql, arguments = compiled(
            insert(ACCOUNTS)
            .values(tenant_id="agy_1", account_id="acct_1", balance=5)
            .on_conflict_do_update(
                index_elements=["tenant_id", "account_id"],
                set_={"balance": ACCOUNTS.c.balance + 7},
            )
        )
        assert arguments == ["agy_1", "acct_1", 5, 7]
        assert sql.count("$4") == 1

    def test_a_list_becomes_as_many_arguments(self) -> None:
        query = sa.select(ACCOUNTS.c.balance).where(
            ACCOUNTS.c.account_id.in_(["acct_1", "acct_2"]), ACCOUNTS.c.tenant_id == "agy_1"
        )
        sql, arguments = compiled(query.limit(3))
        numbered = {f"${n}": value for n, value in enumerate(arguments, start=1)}
        assert sorted(map(str, arguments)) == ["3", "acct_1", "acct_2", "agy_1"]
        assert all(number in sql for number in numbered)
        limit = sql.rpartition("LIMIT ")[2].partition("::")[0]
        assert numbered[limit] == 3

    def test_an_empty_list_matches_nothing(self) -> None:
        sql, arguments = compiled(
            sa.select(ACCOUNTS.c.balance).where(ACCOUNTS.c.account_id.in_([]))
        )
        assert arguments == []
        assert "1 != 1" in sql

    def test_values_are_bound_and_never_rendered(self) -> None:
        hostile = "'; DROP TABLE events; --"
        sql, arguments = compiled(
            sa.update(ACCOUNTS).values(buckets={"note": hostile}, consumers=[hostile])
        )
        assert "DROP" not in sql
        assert arguments == ['{"note": "\'; DROP TABLE events; --"}', [hostile]]

    def test_the_same_shape_gives_the_same_text(self) -> None:
        """The driver keeps a prepared statement per text."""
        texts = {
            compiled(ACCOUNTS.insert().values(tenant_id=f"agy_{n}", account_id="a", balance=n))[0]
            for n in range(5)
        }
        assert len(texts) == 1


class TestShape:
    """What is written once says what the expression with its values would."""

    VALUES = {
        "tenant_id": "agy_1",
        "account_id": "acct_1",
        "balance": 5,
        "buckets": {"past": "'; DROP TABLE events; --"},
        "consumers": ["cns_1", "cns_2"],
    }

    def test_a_row_is_what_the_expression_would_insert(self) -> None:
        shape = Shape(insert(ACCOUNTS).on_conflict_do_nothing())
        whole = insert(ACCOUNTS).values(**self.VALUES).on_conflict_do_nothing()
        assert compiled(shape.row(**self.VALUES)) == compiled(whole)

    def test_bound_names_are_given_as_values(self) -> None:
        shape = Shape(
            sa.update(ACCOUNTS)
            .where(ACCOUNTS.c.account_id == sa.bindparam("account"))
            .values(buckets=sa.bindparam("becomes"))
        )
        sql, arguments = compiled(shape.row(account="acct_1", becomes={"past": 1}))
        assert arguments == ['{"past": 1}', "acct_1"]
        assert sql.index("buckets=$1") < sql.index("account_id = $2")

    def test_every_value_is_needed(self) -> None:
        shape = Shape(insert(ACCOUNTS))
        with pytest.raises(KeyError, match="consumers"):
            shape.row(**{name: self.VALUES[name] for name in self.VALUES if name != "consumers"})

    def test_what_the_database_computes_is_not_written(self) -> None:
        doubled = sa.Table(
            "doubled",
            sa.MetaData(),
            sa.Column("one", sa.Integer),
            sa.Column("two", sa.Integer, sa.Computed("one * 2")),
        )
        assert compiled(Shape(insert(doubled)).row(one=1))[1] == [1]

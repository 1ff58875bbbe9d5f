import re
import stat

from classes.demo.passwords import keep_passwords, kept_passwords, make_password


def test_passwords_are_words_and_differ():
    made = {make_password() for _ in range(50)}

    assert len(made) == 50
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+){3}", password) for password in made)


def test_passwords_are_kept_while_new_names_get_their_own(tmp_path):
    path = tmp_path / "var" / "accounts.json"

    first = keep_passwords(path, ["anna"])
    second = keep_passwords(path, ["anna", "bruno"])
    third = keep_passwords(path, ["bruno"])

    assert second["anna"] == first["anna"]
    assert third == {"bruno": second["bruno"]}
    assert kept_passwords(path) == second


def test_only_the_owner_may_read_them(tmp_path):
    path = tmp_path / "accounts.json"
    path.write_text("{}")
    path.chmod(0o644)

    keep_passwords(path, ["anna"])

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_kept_before_the_first_time(tmp_path):
    assert kept_passwords(tmp_path / "accounts.json") == {}

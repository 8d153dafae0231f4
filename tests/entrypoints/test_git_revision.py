from importlib.metadata import version

from entrypoints.git_revision import code_revision


def test_revision_is_the_declared_one_or_the_commit_or_without_git_the_release(monkeypatch):
    assert code_revision("v1.2") == "v1.2"
    assert code_revision("").removesuffix("+dirty").isalnum()
    monkeypatch.setenv("PATH", "")
    assert code_revision("") == version("endeavour")

"""What every board does, whatever it is made of."""

from dataclasses import replace

import pytest

from domain.mirror_report import MirrorReport, RegistryState
from domain.ports import MirrorBoard
from tests.examples import a_version

REPORT = MirrorReport(a_version("7", slope=0.1 + 0.2), RegistryState.OK, "", 12.5, 13.5)


class MirrorBoardContract:
    """Subclasses give the fixtures `board`, and `reader`: the board as another process sees it."""

    @pytest.fixture
    def board(self) -> MirrorBoard:
        raise NotImplementedError

    @pytest.fixture
    def reader(self, board) -> MirrorBoard:
        return board

    def test_new_board_is_empty(self, reader):
        assert reader.latest() is None

    @pytest.mark.parametrize(
        "report",
        [
            REPORT,
            MirrorReport(None, RegistryState.DOWN, "it refuses, ’\n", None, 0.25, "no space left", named=True),
            replace(REPORT, state=RegistryState.BAD, reason="digest"),
        ],
    )
    def test_report_is_read_as_it_was_posted(self, board, reader, report):
        board.post(report)

        assert reader.latest() == report
        assert reader.latest() == report

    def test_later_report_replaces_the_earlier(self, board, reader):
        for number in range(5):
            board.post(replace(REPORT, champion=a_version(str(number), slope=float(number)), reported_at=float(number)))
            assert reader.latest().champion.name == str(number)

    def test_same_champion_is_the_same_object_in_every_report(self, board, reader):
        board.post(REPORT)
        first = reader.latest()
        board.post(replace(REPORT, reported_at=99.0))

        assert reader.latest().reported_at == 99.0
        assert reader.latest().champion is first.champion

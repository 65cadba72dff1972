"""How fast bytes come."""

from weft.engines.adding.meter import Meter


def test_meter_when_bytes_come_evenly_then_their_speed_and_the_rest() -> None:
    meter = Meter()
    assert (meter.bytes_per_s, meter.eta_s(10)) == (0.0, None)
    assert meter.read(10.0, 0)
    assert not meter.read(10.05, 50)
    assert meter.read(11.0, 1000)
    assert (meter.bytes_per_s, meter.eta_s(5000)) == (1000.0, 5.0)


def test_meter_when_the_speed_changes_then_the_last_seconds_count() -> None:
    meter = Meter()
    for second in range(20):
        meter.read(float(second), second * 1000 if second < 10 else 10_000 + (second - 10) * 10)
    assert meter.bytes_per_s == 10.0
    assert meter.eta_s(100) == 10.0


def test_meter_when_restarted_or_still_then_nobody_can_tell() -> None:
    meter = Meter()
    meter.read(0.0, 5)
    meter.read(1.0, 5)
    assert meter.eta_s(1) is None
    meter.read(2.0, 900)
    meter.restart()
    assert meter.bytes_per_s == 0.0

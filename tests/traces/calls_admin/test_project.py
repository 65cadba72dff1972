"""How much is kept of a project, and its settings that have one value."""

from traces.calls_admin.conftest import Place
from traces.calls_admin.setting import call


async def test_sizes_when_calls_were_written_then_their_texts_count(place: Place) -> None:
    nothing = await place.told("/project/stats", {})
    assert set(nothing.values()) == {0}
    await place.write(call("a", inputs='{"text":"' + "x" * 1000 + '"}'))
    told = await place.told("/project/stats", {}, "eve")
    assert 1000 < told["trace_storage_size_bytes"] < 1200
    told = await place.told("/project/stats", {"include_trace_storage_size": False})
    assert told["trace_storage_size_bytes"] == 0


async def test_settings_when_read_then_everything_is_kept_as_it_came(place: Place) -> None:
    sampling = await place.told("/project/ingest_sampling_settings/read", {})
    assert sampling == {"dry_run": False, "sample_rate": 1.0}
    headers = {"authorization": f"Bearer {place.keys['eve']}"}
    path = "/project/sensitive_data_settings?project_id=loom/cloth"
    assert (await place.client.get(path, headers=headers)).json() == {"policy": "off"}

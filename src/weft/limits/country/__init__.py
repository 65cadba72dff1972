"""From where may one call: networks, countries, and whose word on an address is believed."""

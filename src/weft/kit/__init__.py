"""The ground floor: settings, errors, money, ids, clock, database, logs, metrics, routes.

Owns what every room needs and no word of any room: nothing here knows a model, a team or a request.
"""

"""Plugin: reading forecasts: Open-Meteo and QWeather, as days with a sky, two temperatures, a chance of rain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from bot.text import clip
from plugins.brief.why import NotRead

WMO = {
    0: "clear", 1: "fair", 2: "cloudy", 3: "overcast", 45: "fog", 48: "fog", 51: "drizzle", 53: "drizzle",
    55: "drizzle", 56: "freezing", 57: "freezing", 61: "light_rain", 63: "rain", 65: "heavy_rain", 66: "freezing",
    67: "freezing", 71: "light_snow", 73: "snow", 75: "heavy_snow", 77: "snow", 80: "shower", 81: "shower",
    82: "heavy_rain", 85: "snow", 86: "heavy_snow", 95: "thunder", 96: "hail", 99: "hail",
}  # fmt: skip
"""Codes of the World Meteorological Organization, as the words of the catalogue."""
_OF_CODE = {"401": "denied", "402": "busy", "403": "denied", "429": "busy"}
"""QWeather's own codes, by what they mean for people."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day's weather. sky: a word of WMO, or the far side's own text; rain: chance in percent, None when unsaid."""

    sky: str
    low: int
    high: int
    rain: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is known of a place: taken `at` (aware UTC), by local day. city: as it was asked for."""

    city: str
    place: str
    at: datetime
    days: dict[str, Day]

    def dump(self) -> str:
        days = {day: [one.sky, one.low, one.high, one.rain] for day, one in self.days.items()}
        known = {"city": self.city, "place": self.place, "at": self.at.isoformat(), "days": days}
        return json.dumps(known, ensure_ascii=False)

    @classmethod
    def load(cls, text: str) -> Forecast:
        data = json.loads(text)
        days = {day: Day(*one) for day, one in data["days"].items()}
        return cls(data["city"], data["place"], datetime.fromisoformat(data["at"]), days)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a city is."""

    name: str
    latitude: float
    longitude: float


def place_address(source: str, base: str, city: str) -> str:
    """Where to ask for a city's place."""
    if source == "qweather":
        return f"{base.rstrip('/')}/geo/v2/city/lookup?{urlencode({'location': city, 'number': 1})}"
    query = {"name": city, "count": 1, "language": "zh", "format": "json"}
    return f"{base.rstrip('/')}/v1/search?{urlencode(query)}"


def weather_address(source: str, base: str, place: Place, zone: str) -> str:
    """Where to ask for the coming days' weather."""
    if source == "qweather":
        return f"{base.rstrip('/')}/v7/weather/3d?location={place.longitude:.2f},{place.latitude:.2f}"
    daily = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max"
    query = {
        "latitude": f"{place.latitude:.4f}",
        "longitude": f"{place.longitude:.4f}",
        "daily": daily,
        "timezone": zone,
        "forecast_days": 4,
    }
    return f"{base.rstrip('/')}/v1/forecast?{urlencode(query)}"


def read_coordinates(text: str) -> Place | None:
    """`30.25,120.17` as a place, None for a name. Raises ValueError when it is nowhere on earth."""
    parts = text.replace("，", ",").split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        return None
    return _place("", latitude, longitude)


def read_place(source: str, text: str) -> Place | None:
    """A city's place in an answer, None when the far side knows none. Raises ValueError for what is no answer."""
    data = _object(text)
    try:
        if source == "qweather":
            if data.get("code") == "404" or not data.get("location"):
                return None
            one = data["location"][0]
            return _place(one["name"], float(one["lat"]), float(one["lon"]))
        if not data.get("results"):
            return None
        one = data["results"][0]
        return _place(one["name"], float(one["latitude"]), float(one["longitude"]))
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"no place in it: {type(error).__name__}") from error


def _place(name: str, latitude: float, longitude: float) -> Place:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("nowhere on earth")
    return Place(clip(str(name), 20), latitude, longitude)


def read_days(source: str, text: str) -> dict[str, Day]:
    """The coming days by ISO date. Raises ValueError for what is no forecast."""
    data = _object(text)
    try:
        found = _qweather(data) if source == "qweather" else _open_meteo(data)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"no forecast in it: {type(error).__name__}") from error
    if not found:
        raise ValueError("no forecast in it")
    return found


def _open_meteo(data: dict[str, Any]) -> dict[str, Day]:
    daily = data["daily"]
    chances = daily.get("precipitation_probability_max") or [None] * len(daily["time"])
    columns = (daily["time"], daily["weather_code"], daily["temperature_2m_min"], daily["temperature_2m_max"], chances)
    return {
        _iso(day): _day(WMO.get(code, "unknown"), low, high, chance)
        for day, code, low, high, chance in zip(*columns, strict=True)
        if low is not None and high is not None
    }


def _qweather(data: dict[str, Any]) -> dict[str, Day]:
    if data.get("code") != "200":
        code = clip(str(data.get("code")), 10)
        raise NotRead(_OF_CODE.get(code, "unread"), f"code {code}")
    return {
        _iso(one["fxDate"]): _day(_sky(one["textDay"], one.get("textNight", "")), one["tempMin"], one["tempMax"], None)
        for one in data["daily"]
    }


def _sky(by_day: str, by_night: str) -> str:
    day, night = clip(str(by_day), 10), clip(str(by_night), 10)
    return f"{day}转{night}" if night and night != day else day


def _day(sky: str, low: object, high: object, chance: object) -> Day:
    coldest, warmest = round(float(str(low))), round(float(str(high)))
    if not -95 <= coldest <= warmest <= 65:
        raise ValueError("no temperature on earth")
    return Day(sky, coldest, warmest, None if chance is None else max(0, min(100, round(float(str(chance))))))


def _iso(text: str) -> str:
    return date.fromisoformat(str(text)).isoformat()


def _object(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("no JSON") from error
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    return data

"""Plugin: the weather block, and how its forecast comes: fetched before the brief is due, kept for when that fails."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action, Fetch
from bot.context import Context
from bot.events import ErrandDone
from bot.model import Obstacle
from plugins.brief.forecast import Forecast, Place, place_address, read_coordinates, read_days, read_place
from plugins.brief.forecast import weather_address as address_of
from plugins.brief.plugin import Settings, plugin
from plugins.brief.say import how_old, later
from plugins.brief.why import why

log = logging.getLogger(__name__)

OLDEST = timedelta(hours=30)
"""An older forecast says nothing about today."""
_FRESH = timedelta(minutes=30).total_seconds()
_LASTING = timedelta(days=30).total_seconds()
_KEPT = timedelta(days=2)


@plugin.block("weather", "天气")
async def weather_block(ctx: Context[Settings], day: date, edition: str) -> str:
    """The morning says today's weather, the evening tomorrow's; nothing when there is no forecast of that day."""
    kept = await ctx.notes.get("weather") if ctx.settings.city else None
    if kept is None:
        return ""
    forecast = Forecast.load(kept)
    meant = day if edition == "morning" else day + timedelta(days=1)
    if forecast.city != ctx.settings.city:
        return ""
    if meant.isoformat() not in forecast.days or ctx.now - forecast.at > OLDEST:
        return ""
    return say_weather(ctx, forecast, meant, "weather" if edition == "morning" else "weather_tomorrow")


def say_weather(ctx: Context[Settings], forecast: Forecast, day: date, key: str) -> str:
    """One line: place, sky, temperatures, what to take along, and how old it is."""
    one = forecast.days[day.isoformat()]
    sky = ctx.text(f"sky_{one.sky}") if one.sky.isascii() and one.sky else one.sky
    said = [ctx.text(key, 地方=forecast.place or forecast.city, 天气=sky, 低=one.low, 高=one.high)]
    if one.rain is not None and one.rain >= 30:
        said.append(ctx.text("weather_rain", 概率=one.rain))
    if (one.rain or 0) >= 50 or any(word in one.sky for word in ("rain", "shower", "雨")):
        said.append(ctx.text("weather_umbrella"))
    return ctx.text("comma").join(said) + how_old(ctx, ctx.now - forecast.at)


async def ask_weather(ctx: Context[Settings], city: str, payload: dict[str, str]) -> Fetch | None:
    """What to ask next for this city's weather: where it is, when that is not known, else how the weather is."""
    source, kept = ctx.settings.weather_source, await ctx.notes.get("place")
    try:
        place = read_coordinates(city)
    except ValueError:
        return None
    if place is None and kept is not None:
        known = json.loads(kept)
        if (known["city"], known["source"]) == (city, source):
            place = Place(known["name"], known["latitude"], known["longitude"])
    if place is not None:
        return _weather(ctx, place, {**payload, "city": city, "place": place.name})
    base = ctx.settings.weather_url if source == "qweather" else ctx.settings.geocoding_url
    return _fetch(ctx, "place", place_address(source, base, city), {**payload, "city": city}, _LASTING)


def _weather(ctx: Context[Settings], place: Place, payload: dict[str, str]) -> Fetch:
    source, base = ctx.settings.weather_source, ctx.settings.weather_url
    return _fetch(ctx, "weather", address_of(source, base, place, ctx.group.zone.key), payload, _FRESH)


def _fetch(ctx: Context[Settings], name: str, url: str, payload: dict[str, str], fresh: float) -> Fetch:
    key = ctx.settings.weather_key.get_secret_value()
    headers = (("X-QW-Api-Key", key),) if key and ctx.settings.weather_source == "qweather" else ()
    return Fetch(
        group=ctx.group.id, name=name, url=url, headers=headers, fresh=fresh, payload=tuple(sorted(payload.items()))
    )


@plugin.on(ErrandDone, when=lambda event: event.name == "place")
async def found_place(event: ErrandDone, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The city's place is known, or nobody knows it."""
    payload, source = dict(event.payload), ctx.settings.weather_source
    place = None
    reason: Obstacle | ValueError | None = event.obstacle
    if not event.error:
        try:
            place = read_place(source, event.text)
        except ValueError as error:
            reason = error
            log.warning("brief: the place of %s could not be read: %s", payload["city"], reason)
    if place is None:
        said = (
            ctx.text("city_failed", 城市=payload["city"], 原因=why(ctx, reason))
            if reason
            else ctx.text("city_unknown", 城市=payload["city"])
        )
        if answer := await later(ctx, payload, said):
            yield answer
        elif not reason:
            log.warning("brief: nobody knows the city %s of %s", payload["city"], ctx.group.id)
        return
    where = {"latitude": place.latitude, "longitude": place.longitude}
    known = {"city": payload["city"], "source": source, "name": place.name, **where}
    await ctx.notes.set("place", json.dumps(known, ensure_ascii=False))
    yield _weather(ctx, place, {**payload, "place": place.name})


@plugin.on(ErrandDone, when=lambda event: event.name == "weather")
async def got_weather(event: ErrandDone, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """A forecast, or the reason why there is none; whoever chose the city hears of it."""
    payload = dict(event.payload)
    forecast = None
    reason: Obstacle | ValueError | None = event.obstacle
    if not event.error:
        try:
            days = read_days(ctx.settings.weather_source, event.text)
            forecast = Forecast(payload["city"], payload.get("place", ""), ctx.now - event.age, days)
        except ValueError as error:
            reason = error
            log.warning("brief: the weather of %s could not be read: %s", payload["city"], reason)
    if forecast is None:
        said = ctx.text("city_failed", 城市=payload["city"], 原因=why(ctx, reason))
        if answer := await later(ctx, payload, said):
            yield answer
        return
    if "who" in payload:
        await ctx.group_settings.set("brief.city", payload["city"], by=payload["who"])
    await ctx.notes.set("weather", forecast.dump(), lasts=_KEPT)
    today = forecast.days.get(ctx.today.isoformat())
    said = say_weather(ctx, forecast, ctx.today, "weather") if today else payload["city"]
    if answer := await later(ctx, payload, ctx.text("city_set", 天气=said)):
        yield answer

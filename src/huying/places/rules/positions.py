"""Distances and coordinate systems. Rows keep WGS 84 or CGCS2000, the edge speaks GCJ-02 (domain 2.10)."""

from __future__ import annotations

import math

EARTH_RADIUS_M = 6_371_008.8  # mean radius of WGS 84 (IUGG)
WALK_KMH = 4.5
DETOUR = 1.3  # a walk through streets is about this much longer than the straight line

# Krasovsky 1940, on which the published GCJ-02 formula rests.
AXIS = 6378245.0
ECCENTRICITY = 0.00669342162296594323


def metres(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Great-circle distance by the haversine formula, in metres, of two positions in degrees."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((phi_b - phi_a) / 2) ** 2
    half += math.cos(phi_a) * math.cos(phi_b) * math.sin(math.radians(lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def walk_reach(minutes: float) -> float:
    """Straight-line metres within ``minutes`` on foot: minutes × 4.5 km/h ÷ 1.3 (15 minutes: 865 m)."""
    return minutes / 60 * WALK_KMH * 1000 / DETOUR


def box(lon: float, lat: float, radius: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a box that holds every point within ``radius`` metres."""
    north = math.degrees(radius / EARTH_RADIUS_M)
    east = north / max(0.01, math.cos(math.radians(min(89.0, abs(lat) + north))))
    return lon - east, lat - north, lon + east, lat + north


def _shift(lon: float, lat: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    wave = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    north += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    east += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    phi = math.radians(lat)
    flat = 1 - ECCENTRICITY * math.sin(phi) ** 2
    return (
        math.degrees(east * math.sqrt(flat) / (AXIS * math.cos(phi))),
        math.degrees(north * flat * math.sqrt(flat) / (AXIS * (1 - ECCENTRICITY))),
    )


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """A WGS 84 or CGCS2000 position as 高德 and 腾讯 maps want it; for positions on the mainland."""
    east, north = _shift(lon, lat)
    return lon + east, lat + north


def from_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The inverse of ``to_gcj02`` by fixed-point steps, within a centimetre."""
    guess_lon, guess_lat = lon, lat
    for _step in range(6):
        there_lon, there_lat = to_gcj02(guess_lon, guess_lat)
        guess_lon, guess_lat = guess_lon + lon - there_lon, guess_lat + lat - there_lat
    return guess_lon, guess_lat

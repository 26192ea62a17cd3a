"""Metres between points given by longitude and latitude.

Two ways, each with its error, both for arrays of degrees (WGS 84):

* ``haversine`` is the great circle of a sphere with the mean radius 6,371,008.8 m (IUGG). The earth is flattened by
  1/298.26, so it is wrong by at most 0.56 %, anywhere.
* ``Plane`` lays a district flat about a reference point: x = N(φ₀) cos φ₀ · Δλ and y = M(φ₀) · Δφ with the two radii of
  curvature of the ellipsoid at the reference latitude φ₀. At φ₀ itself it is exact to second order; at a distance Δφ to
  the north or south of it the east-west scale is wrong by tan φ₀ · Δφ (radians). For a district of 60 km from south to
  north (30 km on each side) that is 0.27 % at 30° and 0.65 % at 54° north, the northern border of the country. The
  longer way on streets is another matter: it is a factor of the caller (``problem.Prices.walk``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MEAN_RADIUS = 6_371_008.8
EQUATOR = 6_378_137.0
FLATTENING = 1 / 298.257223563
Metres = NDArray[np.float64]


def haversine(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> Metres:
    """Metres on the sphere between points in degrees; arrays of one shape, or such as numpy broadcasts."""
    east, north, other_east, other_north = (
        np.radians(np.asarray(one, float)) for one in (lon, lat, other_lon, other_lat)
    )
    chord = np.sin((other_north - north) / 2) ** 2
    chord = chord + np.cos(north) * np.cos(other_north) * np.sin((other_east - east) / 2) ** 2
    return np.asarray(2 * MEAN_RADIUS * np.arcsin(np.sqrt(np.clip(chord, 0, 1))))


@dataclass(frozen=True)
class Plane:
    """A flat map about ``lon``, ``lat`` (degrees)."""

    lon: float
    lat: float

    @classmethod
    def around(cls, lon: ArrayLike, lat: ArrayLike) -> Plane:
        """The plane about the middle of the given points; (0, 0) without any."""
        east, north = np.asarray(lon, float), np.asarray(lat, float)
        if not east.size:
            return cls(0.0, 0.0)
        return cls(float(east.min() + east.max()) / 2, float(north.min() + north.max()) / 2)

    def metres(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Metres, Metres]:
        """Metres to the east and to the north of the reference point."""
        east, north = np.asarray(lon, float) - self.lon, np.asarray(lat, float) - self.lat
        across, along = self._radii()
        return np.radians(east) * across, np.radians(north) * along

    def degrees(self, x: ArrayLike, y: ArrayLike) -> tuple[Metres, Metres]:
        """Longitude and latitude of points of this plane."""
        across, along = self._radii()
        return self.lon + np.degrees(np.asarray(x, float) / across), self.lat + np.degrees(np.asarray(y, float) / along)

    def scale_error(self, half_height: float) -> float:
        """Largest share by which a distance is wrong up to ``half_height`` metres north or south of the reference."""
        share = half_height / MEAN_RADIUS
        return abs(math.tan(math.radians(self.lat))) * share + share**2

    def _radii(self) -> tuple[float, float]:
        """Metres for one radian to the east and to the north at the reference point."""
        squared = FLATTENING * (2 - FLATTENING)
        latitude: Any = np.radians(self.lat)
        width = np.sqrt(1 - squared * np.sin(latitude) ** 2)
        return float(EQUATOR / width * np.cos(latitude)), float(EQUATOR * (1 - squared) / width**3)

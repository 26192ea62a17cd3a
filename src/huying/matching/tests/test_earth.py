from __future__ import annotations

import math

import numpy as np
import pytest

from huying.matching.earth import EQUATOR, FLATTENING, Plane, haversine


def on_the_ellipsoid(east: float, north: float, other_east: float, other_north: float) -> float:
    """Metres of the geodesic on WGS 84 by Vincenty's inverse formula (Survey Review 23, 1975), right to 0.5 mm."""
    b = EQUATOR * (1 - FLATTENING)
    u1, u2 = (math.atan((1 - FLATTENING) * math.tan(math.radians(one))) for one in (north, other_north))
    length = lam = math.radians(other_east - east)
    for _ in range(100):
        across = math.cos(u2) * math.sin(lam)
        along = math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam)
        sine = math.hypot(across, along)
        if sine == 0:
            return 0.0
        cosine = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        sigma = math.atan2(sine, cosine)
        alpha = math.cos(u1) * math.cos(u2) * math.sin(lam) / sine
        squared = 1 - alpha**2
        middle = cosine - 2 * math.sin(u1) * math.sin(u2) / squared
        c = FLATTENING / 16 * squared * (4 + FLATTENING * (4 - 3 * squared))
        before = lam
        inner = middle + c * cosine * (2 * middle**2 - 1)
        lam = length + (1 - c) * FLATTENING * alpha * (sigma + c * sine * inner)
        if abs(lam - before) < 1e-12:
            break
    u = squared * (EQUATOR**2 - b**2) / b**2
    big = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
    small = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
    turn = cosine * (2 * middle**2 - 1) - small / 6 * middle * (4 * sine**2 - 3) * (4 * middle**2 - 3)
    return b * big * (sigma - small * sine * (middle + small / 4 * turn))


def test_the_measure_of_these_tests_is_that_of_the_books() -> None:
    flinders_peak_to_buninyong = on_the_ellipsoid(144.42486789, -37.95103342, 143.92649553, -37.65282114)

    assert flinders_peak_to_buninyong == pytest.approx(54_972.271, abs=0.01)


def pairs(latitude: float, half: float) -> np.ndarray:
    """Points and other points within ``half`` metres north and south of a latitude."""
    draw = np.random.default_rng(4)
    degrees = math.degrees(half / 6_371_000)
    points = draw.uniform(-degrees, degrees, (4, 300))
    return points + np.array([110.0, latitude, 110.0, latitude])[:, None]


@pytest.mark.parametrize("latitude", [18.0, 30.0, 45.0, 54.0])
def test_the_sphere_is_wrong_by_no_more_than_it_says(latitude: float) -> None:
    there = pairs(latitude, 200_000)

    told = haversine(*there)

    true = np.array([on_the_ellipsoid(*one) for one in there.T])
    assert np.max(np.abs(told / true - 1)) <= 0.0056


@pytest.mark.parametrize("latitude", [18.0, 30.0, 45.0, 54.0])
@pytest.mark.parametrize("half", [9_000, 30_000])
def test_the_plane_is_wrong_by_no_more_than_it_says(latitude: float, half: float) -> None:
    there = pairs(latitude, half)
    plane = Plane(110.0, latitude)
    (x, y), (other_x, other_y) = plane.metres(there[0], there[1]), plane.metres(there[2], there[3])

    told = np.hypot(x - other_x, y - other_y)

    true = np.array([on_the_ellipsoid(*one) for one in there.T])
    wrong = np.max(np.abs(told / true - 1))
    assert wrong <= plane.scale_error(half)
    assert wrong <= {9_000: 0.0021, 30_000: 0.0066}[half]


def test_a_point_comes_back_from_the_plane() -> None:
    plane = Plane.around([104.0, 104.4], [30.5, 30.9])

    lon, lat = plane.degrees(*plane.metres([104.1], [30.6]))

    assert (plane.lon, plane.lat) == pytest.approx((104.2, 30.7))
    assert (lon[0], lat[0]) == pytest.approx((104.1, 30.6))
    assert Plane.around([], []) == Plane(0.0, 0.0)

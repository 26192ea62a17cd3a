"""Photos of a place: public pictures without metadata, put up and taken down by those who keep the place."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from huying.kernel import attachments
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.places import actions
from huying.places.tests.factories import place, staff

pytestmark = pytest.mark.django_db


def picture(name: str = "门口.jpg") -> SimpleUploadedFile:
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "拍摄于某某家门口"
    Image.new("RGB", (64, 48), (200, 120, 40)).save(content, "JPEG", exif=exif)
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def test_a_keeper_puts_up_a_photo_that_everybody_sees_without_its_metadata(as_actor, anonymous):
    station = place("station")
    keeper = as_actor(staff(station, "station_keeper"))

    answer = keeper.post(reverse("places:add_photo", args=[station.public_id]), {"photo": picture()})
    photo = attachments.of(station).get()
    page = keeper.get(reverse("places:detail", args=[station.public_id])).content.decode()

    assert answer.status_code == 303
    assert (photo.is_public, photo.place_path, photo.content_type) == (True, station.path, "image/webp")
    assert f"/files/{photo.public_id}/" in page
    gone = reverse("places:remove_photo", args=[station.public_id, photo.public_id])
    assert keeper.post(gone).status_code == 303
    assert not attachments.of(station).exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"%PDF-1.7"],
)
def test_what_is_no_picture_is_refused_beside_the_form(as_actor, content):
    station = place("station")
    keeper = as_actor(staff(station, "station_keeper"))
    upload = SimpleUploadedFile("a.jpg", content, content_type="image/jpeg")

    answer = keeper.post(reverse("places:add_photo", args=[station.public_id]), {"photo": upload})

    assert answer.status_code == 422
    assert not attachments.of(station).exists()


def test_photos_belong_to_those_who_keep_the_place_and_have_a_limit(monkeypatch):
    station, other = place("station"), place("station")
    keeper = staff(station, "station_keeper")
    monkeypatch.setattr("huying.places.actions.photos.MOST_PHOTOS", 1)
    photo = actions.add_photo(actor=keeper, place=station, upload=picture())

    with pytest.raises(InvalidInput):
        actions.add_photo(actor=keeper, place=station, upload=picture())
    with pytest.raises(Forbidden):
        actions.add_photo(actor=keeper, place=other, upload=picture())
    with pytest.raises(Forbidden):
        actions.remove_photo(actor=staff(other), place=station, public_id=photo.public_id)
    with pytest.raises(NotFound):
        actions.remove_photo(actor=staff(other), place=other, public_id=photo.public_id)

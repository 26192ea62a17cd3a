"""Pictures that belong to rows: redrawn without any metadata, private by default, reached by short signed
links.

attachments.store(actor=actor, upload=request.FILES["photo"], subject=call, place_path=call.place.path)
attachments.of(call); attachments.url(photo, actor, small=True); attachments.remove(actor=actor,
attachment=photo)
"""

from huying.kernel.attachments.images import Picture, PictureRefused, redraw
from huying.kernel.attachments.keeping import forget_names, of, of_many, remove, store, sweep
from huying.kernel.attachments.links import LinkExpired, url
from huying.kernel.models.attachment import Attachment

__all__ = [
    "Attachment",
    "LinkExpired",
    "Picture",
    "PictureRefused",
    "forget_names",
    "of",
    "of_many",
    "redraw",
    "remove",
    "store",
    "sweep",
    "url",
]

"""``python -m jiesuan_services.gateway.documents FOLDER`` writes the documents."""

import sys
from pathlib import Path

from jiesuan_services.gateway.documents.files import documents

for name, text in documents().items():
    (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8")

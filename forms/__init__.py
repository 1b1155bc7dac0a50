"""Forms: one YAML file describes the questions of a task, for the page, the API and OpenAPI alike.

    form = forms.load("processes/contract_signing/forms/village_check.yaml", {"rejection_reasons": [...]})
    data, errors = form.read(request.form, files=request.files, store=keep_upload, lang="zh")
    fields = form.view(data, errors, lang="zh")          # templates/forms/_fields.html draws them

Imports neither engine nor web: where files are kept and which parcels are known is passed in.
"""

from forms.form import Form, load
from forms.gather import UploadRefused
from forms.problems import check
from forms.spec import FormFault
from forms.text import Text, say

__all__ = ["Form", "FormFault", "Text", "UploadRefused", "check", "load", "say"]

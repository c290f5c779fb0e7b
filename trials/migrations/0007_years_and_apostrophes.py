import unicodedata

from django.db import migrations, models

PLAIN = str.maketrans(dict.fromkeys("‘’ʼ′", "'") | dict.fromkeys("\ufffe\uffff", "\ufffd"))


def fold_more(apps, schema_editor):
    """Take out of what is searched and sorted by what trials.search.fold has folded since this was written."""
    studies = apps.get_model("trials", "Trial").objects.using(schema_editor.connection.alias)
    for key, text, author in list(studies.values_list("pk", "search_text", "author_key").iterator()):
        folded = plain(text), plain(author)
        if folded != (text, author):
            studies.filter(pk=key).update(search_text=folded[0], author_key=folded[1])


def plain(text):
    return "".join(c for c in text.translate(PLAIN) if unicodedata.category(c) != "Cf")


class Migration(migrations.Migration):

    dependencies = [
        ('trials', '0006_long_lists_of_editors'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='trial',
            constraint=models.CheckConstraint(condition=models.Q(('publication_date__gte', '1900'), ('publication_date__lt', '2101')), name='trials_trial_publication_date_years', violation_error_message='The year of publication is one from 1900 to 2100.'),
        ),
        migrations.RunPython(fold_more, migrations.RunPython.noop, elidable=True),
    ]

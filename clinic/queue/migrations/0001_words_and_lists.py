"""The index of every word, and the indexes of the lists."""

from django.db import migrations

from clinic.queue.schema import create, drop


class Migration(migrations.Migration):
    initial = True

    dependencies = [("conversations", "0003_staff"), ("handoffs", "0004_one_each_matter")]

    operations = [migrations.RunPython(create, drop)]

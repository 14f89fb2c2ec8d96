from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="bookingrequest",
            index=models.Index(fields=["phone"], name="booking_by_phone"),
        ),
        migrations.AddIndex(
            model_name="bookingrequest",
            index=models.Index(fields=["email"], name="booking_by_email"),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_heartbeats"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("kind", "installations")),
                fields=["tenant"],
                name="installations_that_wait",
            ),
        ),
    ]

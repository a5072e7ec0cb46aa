"""Why was this AWS call denied? Offline analysis of CloudTrail logs.

>>> import cloudtrail_mfa as ctm
>>> lake = ctm.Lake("lake/")                      # doctest: +SKIP
>>> lake.ingest("AWSLogs/")                       # doctest: +SKIP
>>> lake.denials(since="7d", principal="alice")   # doctest: +SKIP
"""

import lazy_loader

# What is public stands in the stub beside this file. It is imported when it is first asked for: the
# processes that read log files need little of it, and so does a command's help.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""``python -m cloudtrail_mfa`` is the command ``cloudtrail-mfa``."""

from cloudtrail_mfa.cli import main

if __name__ == "__main__":
    main()

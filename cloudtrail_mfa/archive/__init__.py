"""The archive: files of CloudTrail's, found and read as they were delivered."""

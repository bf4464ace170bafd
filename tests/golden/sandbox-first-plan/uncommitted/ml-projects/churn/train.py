print("not committed")

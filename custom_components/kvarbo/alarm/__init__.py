"""What an alarm is: values, closed sets, life cycle and texts.

Pure, no Home Assistant, no input or output.
"""

"""Metric math: expressions over metrics, with CloudWatch's syntax and meanings.

What is served is the guide's page "Using metric math" but for anomaly bands, insight rules and service quotas
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html). Where that page is silent:
a scalar of no datapoints (the AVG of none) drops what it touches; STDDEV is that of the whole population; MIN, MAX and STDDEV of
an array pass over series without a value at an instant, AVG counts them as 0; `^` binds tighter than a minus before it.
"""

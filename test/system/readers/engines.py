"""Delta readers that know nothing of Inlet, each opened on the place of one table.

Each tells the version it reads where it can, counts, and gives the rows that meet a condition:
a column, an operator and a value. `conditions` says how many it is asked, at most.
"""

import datetime
import functools
import glob
import os

import deltalake
import duckdb
import duckdb_extension_delta
import duckdb_extension_httpfs
import pyarrow
import pyarrow.dataset
import pyspark
from pyspark.sql import SparkSession, functions

from compare import printed


class DeltaRs:
    """delta-rs: its log reader and DataFusion."""

    conditions = 6
    name = f"delta-rs {deltalake.__version__}"

    def __init__(self, place):
        self.table = open_table(place)
        self.engine = deltalake.QueryBuilder().register("t", self.table)

    def version(self):
        return self.table.version()

    def count(self):
        return self.query("SELECT count(*) AS n FROM t")[0]["n"]

    def rows(self, condition=None):
        return self.query(f"SELECT * FROM t WHERE {sql(condition)}")

    def query(self, statement):
        return pyarrow.table(self.engine.execute(statement).read_all()).to_pylist()


class PyArrowDataset:
    """delta-rs's log read through a PyArrow data set, as pandas and Polars users do."""

    conditions = 6
    name = f"pyarrow {pyarrow.__version__}"

    def __init__(self, place):
        self.table = open_table(place)

    def version(self):
        return self.table.version()

    def count(self):
        return self.table.to_pyarrow_dataset().count_rows()

    def rows(self, condition=None):
        expression = None
        if condition is not None:
            column, operator, value = condition
            if isinstance(value, datetime.datetime):
                value = pyarrow.scalar(value, pyarrow.timestamp("us", "UTC"))
            expression = compared(pyarrow.dataset.field(column), operator, value)
        return self.table.to_pyarrow_dataset().to_table(filter=expression).to_pylist()


def open_table(place):
    options = None
    if place.startswith("s3://"):
        options = {"AWS_ENDPOINT_URL": endpoint(), "AWS_ALLOW_HTTP": "true"}
    return deltalake.DeltaTable(place, storage_options=options)


class DuckDbDelta:
    """DuckDB's delta extension, which is built on delta-kernel-rs."""

    conditions = 6
    name = f"duckdb {duckdb.__version__} with delta"

    def __init__(self, place):
        self.connection = duck_connection()
        self.source = f"delta_scan({quoted(place)})"

    def version(self):
        """Told by no function of the extension."""
        return None

    def count(self):
        return self.connection.execute(f"SELECT count(*) FROM {self.source}").fetchone()[0]

    def rows(self, condition=None):
        query = f"SELECT * FROM {self.source} WHERE {sql(condition)}"
        return self.connection.execute(query).to_arrow_table().to_pylist()


@functools.cache
def duck_connection():
    connection = duckdb.connect()
    for package in (duckdb_extension_httpfs, duckdb_extension_delta):
        # The wheel carries one signed binary for each version of DuckDB that it serves.
        folder = os.path.join(os.path.dirname(package.__file__), "extensions")
        pattern = os.path.join(folder, f"v{duckdb.__version__}", "*.duckdb_extension")
        (path,) = glob.glob(pattern)
        connection.execute(f"LOAD {quoted(path)}")
    connection.execute("SET TimeZone = 'UTC'")
    if endpoint():
        key, secret = credentials()
        connection.execute(
            f"CREATE SECRET (TYPE s3, KEY_ID {quoted(key)}, SECRET {quoted(secret)},"
            f" ENDPOINT {quoted(endpoint().removeprefix('http://'))},"
            " REGION 'us-east-1', URL_STYLE 'path', USE_SSL false)"
        )
    return connection


class SparkDelta:
    """Spark with the Delta package and, for buckets, hadoop-aws."""

    conditions = 2
    name = f"spark {pyspark.__version__} with delta"

    def __init__(self, place):
        place = place.replace("s3://", "s3a://")
        self.place = place
        self.frame = spark_session().read.format("delta").load(place)

    def version(self):
        log = spark_session()._jvm.org.apache.spark.sql.delta.DeltaLog
        return log.forTable(spark_session()._jsparkSession, self.place).snapshot().version()

    def count(self):
        return self.frame.count()

    def rows(self, condition=None):
        frame = self.frame
        if condition is not None:
            column, operator, value = condition
            frame = frame.where(compared(functions.col(column), operator, functions.lit(value)))
        return frame.toArrow().to_pylist()


@functools.cache
def spark_session():
    """One for all tables, on this machine alone."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.jars": ",".join(sorted(glob.glob(os.path.join(os.environ["SPARK_JARS"], "*.jar")))),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        # A short life: what is compiled thoroughly is not run often enough to be worth it.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
    }
    if endpoint():
        key, secret = credentials()
        s3a = "spark.hadoop.fs.s3a"
        simple = "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"
        settings |= {
            f"{s3a}.endpoint": endpoint(),
            f"{s3a}.endpoint.region": "us-east-1",
            f"{s3a}.path.style.access": "true",
            f"{s3a}.connection.ssl.enabled": "false",
            f"{s3a}.aws.credentials.provider": simple,
            f"{s3a}.access.key": key,
            f"{s3a}.secret.key": secret,
        }
    builder = SparkSession.builder.master("local[2]").appName("readers")
    session = builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def endpoint():
    return os.environ.get("AWS_ENDPOINT_URL", "")


def credentials():
    return os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def sql(condition):
    if condition is None:
        return "true"
    column, operator, value = condition
    if isinstance(value, str):
        return f'"{column}" {operator} {quoted(value)}'
    if isinstance(value, datetime.datetime):
        return f'"{column}" {operator} TIMESTAMPTZ {quoted(printed(value))}'
    if isinstance(value, datetime.date):
        return f'"{column}" {operator} DATE {quoted(value.isoformat())}'
    return f'"{column}" {operator} {value}'


def compared(column, operator, value):
    return {"=": column == value, ">=": column >= value, "<=": column <= value}[operator]


ENGINES = (DeltaRs, PyArrowDataset, DuckDbDelta, SparkDelta)

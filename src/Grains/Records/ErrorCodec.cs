using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Records;

/// <summary>Why a job failed, as its record keeps it.</summary>
internal static class ErrorCodec
{
    /// <summary>Errors in errors that are written and read; what lies deeper stays behind.</summary>
    private const int MostNested = 100;

    public static void Write(FieldWriter w, JobError error)
    {
        w.Text(ErrorField.Message, error.Message);
        if (error.Stage is { } stage)
        {
            w.Number(ErrorField.Stage, stage);
        }

        w.Text(ErrorField.Operator, error.Operator);
        if (error.Partition is { } partition)
        {
            w.Number(ErrorField.Partition, partition);
        }

        w.Number(ErrorField.Attempt, error.Attempt);
        w.Text(ErrorField.Worker, error.Worker?.Value);
        if (error.Failure is { } failure)
        {
            w.Message(ErrorField.Failure, failure, static (w, failure) => WriteFailure(w, failure, MostNested));
        }

        w.Flag(ErrorField.Unavailable, error.Unavailable);
    }

    public static JobError Read(ReadOnlySpan<byte> bytes)
    {
        var error = new JobError("", null, null, null, 0, null, null, Unavailable: false);
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            error = r.Field<ErrorField>() switch
            {
                ErrorField.Message => error with { Message = r.Text },
                ErrorField.Stage => error with { Stage = r.Int },
                ErrorField.Operator => error with { Operator = r.Text },
                ErrorField.Partition => error with { Partition = r.Int },
                ErrorField.Attempt => error with { Attempt = r.Int },
                ErrorField.Worker => error with { Worker = new WorkerId(r.Text) },
                ErrorField.Failure => error with { Failure = ReadFailure(r.Bytes, MostNested) },
                ErrorField.Unavailable => error with { Unavailable = r.Flag },
                _ => error,
            };
        }

        return error;
    }

    private static void WriteFailure(FieldWriter w, TaskFailure failure, int depth)
    {
        w.Text(FailureField.TypeName, failure.TypeName);
        w.Text(FailureField.Message, failure.Message);
        w.Text(FailureField.StackTrace, failure.StackTrace);
        w.Text(FailureField.Operator, failure.Operator);
        w.Text(FailureField.Function, failure.Function);
        if (failure.ElementIndex is { } element)
        {
            w.Number(FailureField.ElementIndex, element);
        }

        w.Flag(FailureField.CanRetry, failure.CanRetry);
        w.BytesOrNull(FailureField.EncodedException, failure.EncodedException);
        if (failure.Inner is { } inner && depth > 0)
        {
            w.Message(FailureField.Inner, inner, (w, inner) => WriteFailure(w, inner, depth - 1));
        }
    }

    private static TaskFailure ReadFailure(ReadOnlySpan<byte> bytes, int depth)
    {
        var failure = new TaskFailure("", "", null, null, null, null, CanRetry: false, null, null);
        var r = new FieldReader(bytes);
        while (r.Next())
        {
            failure = r.Field<FailureField>() switch
            {
                FailureField.TypeName => failure with { TypeName = r.Text },
                FailureField.Message => failure with { Message = r.Text },
                FailureField.StackTrace => failure with { StackTrace = r.Text },
                FailureField.Operator => failure with { Operator = r.Text },
                FailureField.Function => failure with { Function = r.Text },
                FailureField.ElementIndex => failure with { ElementIndex = r.Number },
                FailureField.CanRetry => failure with { CanRetry = r.Flag },
                FailureField.EncodedException => failure with { EncodedException = r.Bytes.ToArray() },
                FailureField.Inner when depth > 0 => failure with { Inner = ReadFailure(r.Bytes, depth - 1) },
                FailureField.Inner => throw FieldReader.Damaged($"errors are nested deeper than {MostNested} levels"),
                _ => failure,
            };
        }

        return failure;
    }
}

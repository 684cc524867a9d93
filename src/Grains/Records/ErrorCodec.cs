using MicroSpark.Grains.Contracts;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.Records;

/// <summary>Why a job failed, as its record keeps it.</summary>
internal static class ErrorCodec
{
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
            w.Message(ErrorField.Failure, failure, WriteFailure);
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
                ErrorField.Failure => error with { Failure = ReadFailure(r.Bytes) },
                ErrorField.Unavailable => error with { Unavailable = r.Flag },
                _ => error,
            };
        }

        return error;
    }

    private static void WriteFailure(FieldWriter w, TaskFailure failure)
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
        if (failure.Inner is { } inner)
        {
            w.Message(FailureField.Inner, inner, WriteFailure);
        }
    }

    private static TaskFailure ReadFailure(ReadOnlySpan<byte> bytes)
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
                FailureField.Inner => failure with { Inner = ReadFailure(r.Bytes) },
                _ => failure,
            };
        }

        return failure;
    }
}

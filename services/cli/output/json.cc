#include "services/cli/output/json.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/util/json_util.h>

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace accord::cli {
namespace {

using google::protobuf::Any;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool IsKnown(const Any& any) {
  const std::string& url = any.type_url();
  const std::string type = url.substr(url.find_last_of('/') + 1);
  return url.empty() || DescriptorPool::generated_pool()->FindMessageTypeByName(type) != nullptr;
}

// Empties what protobuf could not map; `type_url` would make it fail too.
void ClearUnknownAnys(Message* message) {
  if (auto* any = dynamic_cast<Any*>(message); any != nullptr) {
    if (!IsKnown(*any)) any->Clear();
    return;
  }
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      ClearUnknownAnys(reflection.MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      ClearUnknownAnys(reflection.MutableRepeatedMessage(message, field, i));
    }
  }
}

}  // namespace

absl::StatusOr<std::string> ToJson(const Message& message, bool indented) {
  std::unique_ptr<Message> known(message.New());
  known->CopyFrom(message);
  ClearUnknownAnys(known.get());
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = indented;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(*known, &json, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat("cannot write JSON: ", status.ToString()));
  }
  if (json.empty() || json.back() != '\n') json += '\n';
  return json;
}

}  // namespace accord::cli
